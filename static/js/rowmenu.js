// The one menu for all rows of a rule: the button that opens it names the row (data-row) and
// what the row is (data-states); a press edits the draft as a button of that row would.

import htmx from "htmx.org";
import { opener } from "./menus.js";

document.addEventListener(
  "beforetoggle",
  ({ target, newState }) => {
    if (target.id !== "row-menu" || newState !== "open") return;
    const states = opener(target)?.dataset.states.split(" ") ?? [];
    for (const item of target.querySelectorAll("[data-when]")) {
      item.hidden = !states.includes(item.dataset.when);
    }
  },
  true,
);

document.addEventListener("click", (event) => {
  const item = event.target.closest?.("#row-menu [data-op]");
  if (!item) return;
  const source = opener(item.closest(".menu"));
  const path = source.closest("[data-moves]").dataset.moves;
  htmx.ajax("POST", path, { source, values: { op: item.dataset.op, node: source.dataset.row } });
});
