// Order by hand: a list with data-moves="URL" whose children have data-node="ID" and a
// button.handle; data-name is what is said. The pointer drags; Space grabs, arrows move,
// Space drops, Esc puts back; Alt-Up and Alt-Down move the row that has focus at once.
//
// A drop POSTs op=move, node and place (from 0) to the URL, with what hx-include around it
// names: the draft's base, read when the edits before it are answered. The answer's own
// swaps show the new order. Lists with the same data-moves-between exchange rows; one with
// data-list sends that and the place as two values of "value" too.

import htmx from "htmx.org";
import Sortable from "sortablejs/modular/sortable.core.esm.js";
import { tell } from "./say.js";

let grabbed = null;

function rows(list) {
  return [...list.children].filter((child) => child.dataset.node);
}

function words(row) {
  const all = rows(row.parentElement);
  return `${row.dataset.name || "Row"} moved to place ${all.indexOf(row) + 1} of ${all.length}`;
}

function store(row) {
  const list = row.parentElement;
  const place = rows(list).indexOf(row);
  tell(words(row));
  htmx.ajax("POST", list.dataset.moves, {
    source: list,
    target: list.dataset.movesTarget || list,
    swap: list.dataset.movesSwap || "none",
    values: {
      op: "move",
      node: row.dataset.node,
      list: list.dataset.list ?? "",
      place,
      ...(list.dataset.list ? { value: [list.dataset.list, place] } : {}),
    },
  });
}

function shift(row, step) {
  const all = rows(row.parentElement);
  const other = all[all.indexOf(row) + step];
  if (!other) return false;
  const at = document.activeElement;
  if (step < 0) other.before(row);
  else other.after(row);
  if (row.contains(at)) at.focus();
  return true;
}

function release(put) {
  if (!grabbed) return;
  const { row, handle, before } = grabbed;
  handle.setAttribute("aria-pressed", "false");
  grabbed = null;
  if (put) store(row);
  else before ? before.before(row) : row.parentElement.append(row);
  handle.focus();
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-moves] > [data-node]");
  if (!row) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const handle = event.target.closest(".handle");
  if (event.altKey && step) {
    event.preventDefault();
    if (shift(row, step)) store(row);
  } else if (handle && event.key === " ") {
    event.preventDefault();
    if (grabbed) {
      release(true);
    } else {
      grabbed = { row, handle, before: row.nextElementSibling };
      handle.setAttribute("aria-pressed", "true");
      tell(`${row.dataset.name || "Row"} grabbed. Arrows move it, Space drops it, Esc puts it back.`);
    }
  } else if (grabbed && step) {
    event.preventDefault();
    if (shift(row, step)) tell(words(row));
  } else if (grabbed && event.key === "Escape") {
    event.preventDefault();
    release(false);
    tell("Put back.");
  }
});

document.addEventListener("focusout", (event) => {
  if (grabbed && !grabbed.row.contains(event.relatedTarget) && event.relatedTarget) release(true);
});

htmx.onLoad((content) => {
  const lists = [...(content.querySelectorAll?.("[data-moves]") ?? [])];
  if (content.matches?.("[data-moves]")) lists.push(content);
  for (const list of lists) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      handle: ".handle",
      draggable: ">[data-node]", // not those of lists within
      group: list.dataset.movesBetween || undefined,
      ghostClass: "moving",
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onEnd: ({ item, from, to, oldIndex, newIndex }) => {
        if (from !== to || oldIndex !== newIndex) store(item);
      },
    });
  }
});
