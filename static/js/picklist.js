// <select data-picklist>: a combobox with a list to search in (Tom Select over the select,
// which stays what is sent).
//
//   data-url      GET url?q=&selected= answers
//                 {"options": [{"value", "text", "amount", "share", "note", "group", "find"}],
//                  "more": 312, "near": "Gold", "none": "..."}: amount and note are words,
//                 share is 0 to 100, group a heading, find what it is also found by; they
//                 stand in the order of the answer
//   data-create   values that are not in the list may be typed; what is pasted is split at
//                 lines, tabs and commas
//   data-all      all that a search has found can be taken at once, by a button or Ctrl-Enter:
//                 GET url?q=&all=1 tells them
//   data-missing  POST url with the values answers which the data does not hold:
//                 {"values": 212, "count": 9, "said": "9 not found", "missing": [...]}
//   data-lists    POST url with more values than a line holds answers {"list": name}
//   data-placeholder, data-none (the words for no match)
//
// <option data-amount="8,210" data-share="34" data-note="..." data-gone> feed the same.

import htmx from "htmx.org";
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";
import { edit, send } from "./lists.js";

TomSelect.define("remove_button", removeButton);

const SHOWN = 8;
const OFFERED = 200; // options of the list at once
const MANY = 1000; // values: more are stored as a list
const SVG = "http://www.w3.org/2000/svg";

function number(count) {
  return count.toLocaleString("en-US");
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function bar(share) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 100 3");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("width", String(share));
  rect.setAttribute("height", "3");
  svg.append(rect);
  return svg;
}

function option(data) {
  const made = element("div", "option");
  made.append(element("span", "", data.text));
  if (data.amount) made.append(element("span", "amount", data.amount));
  if (data.note) made.append(element("span", "note", data.note));
  if (data.share !== undefined && data.share !== "") made.append(bar(data.share));
  return made;
}

function item(data) {
  const made = element("div", data.gone === undefined ? "item" : "item gone", data.text);
  if (data.gone !== undefined) made.title = "No longer in the data";
  return made;
}

// The press that is going on; what follows it, its click included, comes after.
let press = Promise.resolve();
document.addEventListener(
  "pointerdown",
  () => {
    press = new Promise((over) => {
      for (const kind of ["pointerup", "pointercancel"]) {
        document.addEventListener(kind, () => setTimeout(over), { once: true });
      }
    });
  },
  true,
);

function fold(picker) {
  if (picker.settings.mode !== "multi") return;
  const items = [...picker.control.querySelectorAll(".item")];
  const open = picker.isFocused;
  picker.wrapper.classList.toggle("folded", !open);
  items.forEach((each, at) => {
    each.hidden = !open && at >= SHOWN;
  });
  picker.control.dataset.more = !open && items.length > SHOWN ? `+ ${items.length - SHOWN}` : "";
}

// What the data does not hold of the values, said below them: one question at a time.
let asking = Promise.resolve();

function look(picker, pasted = 0) {
  const select = picker.input;
  if (!picker.items.length || (picker.items.length === 1 && !picker.items[0])) {
    tell(picker, "", []);
    return;
  }
  const form = new FormData();
  for (const value of picker.items) form.append("value", value);
  const asked = picker.items.join("\n");
  asking = asking.then(async () => {
    if (!select.isConnected || picker.items.join("\n") !== asked) return;
    try {
      const found = await send(select.dataset.missing, form);
      if (picker.items.join("\n") === asked && found.said !== undefined) mark(picker, found, pasted);
    } catch {
      tell(picker, "", []); // the count says that the warehouse does not answer
    }
  });
}

function mark(picker, found, pasted) {
  for (const value of picker.items) {
    const gone = found.missing.includes(value);
    const data = picker.options[value];
    if (!data || (data.gone !== undefined) === gone) continue;
    const { gone: _, ...rest } = data;
    picker.updateOption(value, gone ? { ...rest, gone: "" } : rest);
  }
  fold(picker);
  let words = found.said;
  if (pasted) words = `${number(pasted)} pasted, ${found.said || "all found"}`;
  tell(picker, words, found.missing, found.count);
}

function tell(picker, words, values, count = 0) {
  let place = picker.wrapper.querySelector(":scope > .picklist-missing");
  if (!place) {
    if (!words) return;
    place = element("div", "picklist-missing");
    place.setAttribute("role", "status");
    picker.wrapper.append(place);
  }
  place.replaceChildren(words);
  if (!values.length) return;
  const id = `${picker.input.id}-missing`;
  const button = element("button", "link", "see them");
  button.type = "button";
  button.setAttribute("popovertarget", id);
  const list = element("div", "missing-values");
  list.id = id;
  list.setAttribute("popover", "");
  list.append(element("h3", "", `Not in the data: ${number(count)}`));
  const all = element("ul", "");
  for (const value of values) all.append(element("li", "", value));
  list.append(all);
  if (count > values.length) {
    list.append(element("p", "help", `The first ${values.length} of them.`));
  }
  place.append(": ", button, list);
}

function start(select) {
  if (select.tomselect) return;
  const label = select.labels[0];
  const { url } = select.dataset;
  const create = select.dataset.create !== undefined;
  let more = 0;
  let near = "";
  let none = "";
  let pasted = 0;
  let searched = ""; // what the options that are there were found by
  const picker = new TomSelect(select, {
    plugins: select.multiple ? { remove_button: { title: "Remove", className: "remove" } } : {},
    maxOptions: OFFERED,
    maxItems: select.multiple ? null : 1,
    create,
    createOnBlur: create,
    persist: false,
    copyClassesToDropdown: false,
    closeAfterSelect: !select.multiple,
    clearAfterSelect: true,
    hideSelected: select.multiple,
    allowEmptyOption:
      !select.multiple && Boolean(select.querySelector('option[value=""]')?.textContent.trim()),
    placeholder: select.dataset.placeholder || "",
    hidePlaceholder: true,
    preload: url ? "focus" : false,
    loadThrottle: 150,
    refreshThrottle: 0,
    searchField: [
      { field: "text", weight: 5 },
      { field: "note", weight: 1 },
      { field: "find", weight: 1 },
      { field: "group", weight: 1 },
    ],
    sortField: url ? [{ field: "$order" }] : [{ field: "$score" }, { field: "$order" }],
    optgroupField: "group",
    optgroupValueField: "label",
    render: {
      option,
      item,
      no_results: (data) => {
        const words = near
          ? `Nothing like "${data.input}". Did you mean ${near}?`
          : none || select.dataset.none || `Nothing like "${data.input}".`;
        return element("div", "no-results", words);
      },
      loading: () => element("div", "picklist-note", "Looking..."),
      option_create: (data) => element("div", "create", `Add "${data.input}"`),
    },
    load: url
      ? async (query, done) => {
          try {
            const asked = new URL(url, window.location.href);
            asked.searchParams.set("q", query);
            const answer = await fetch(asked, { headers: { Accept: "application/json" } });
            if (!answer.ok) throw new Error(answer.statusText);
            const found = await answer.json();
            more = found.more ?? 0;
            near = found.near ?? "";
            none = found.none ?? "";
            searched = query;
            picker.clearOptions();
            const groups = new Set(found.options.map(({ group }) => group).filter(Boolean));
            done(
              found.options,
              [...groups].map((label) => ({ label })),
            );
          } catch {
            done();
            note("Could not look: the warehouse did not answer. Keep typing to try again.");
          }
        }
      : undefined,
    shouldLoad: () => true,
    // What the server has found stands in its order; until it answers, what fits of the last.
    score: url
      ? function (query) {
          const fits = this.getScoreFunction(query);
          return (data) => (fits(data) ? 1 : 0);
        }
      : undefined,
  });

  function note(words) {
    let line = picker.dropdown.querySelector(":scope > .picklist-note");
    if (!line) {
      line = element("div", "picklist-note");
      line.setAttribute("role", "status");
      picker.dropdown.append(line);
    }
    line.textContent = words;
    line.hidden = !words;
  }

  // All that a search has found, as one edit.
  const takes = select.dataset.all !== undefined && element("button", "button quiet small take-all");
  if (takes) {
    takes.type = "button";
    takes.tabIndex = -1;
    takes.hidden = true;
    picker.dropdown.append(takes);
    takes.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps focus
    takes.addEventListener("click", takeAll);
    picker.on("load", () => {
      const hits = hitsOf(picker.options).length + more;
      takes.hidden = !searched || hits < 2 || hits > MANY;
      takes.textContent = `Select all ${number(hits)} found (Ctrl-Enter)`;
    });
    picker.on("type", () => {
      takes.hidden = true;
    });
    picker.control_input.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || takes.hidden) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        takeAll();
      },
      true,
    );
  }

  function hitsOf(options) {
    const fits = picker.getScoreFunction(searched);
    return Object.values(options).filter((data) => !picker.items.includes(data.value) && fits(data));
  }

  async function takeAll() {
    let hits = hitsOf(picker.options);
    if (more) {
      try {
        const asked = new URL(url, window.location.href);
        asked.searchParams.set("q", searched);
        asked.searchParams.set("all", "1");
        const answer = await fetch(asked, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(answer.statusText);
        hits = (await answer.json()).options;
      } catch {
        note("Could not look: the warehouse did not answer. Try again.");
        return;
      }
    }
    for (const data of hits) {
      picker.addOption(data);
      picker.addItem(data.value, true);
    }
    takes.hidden = true;
    picker.setTextboxValue("");
    picker.close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Nothing left to pick: the list would only stand in the way.
  picker.on("item_add", () => {
    const left = Object.keys(picker.options).length - picker.items.length;
    if (select.multiple && !url && !create && left <= 0) picker.close();
  });
  const cut = (left) => note(left > 0 ? `${number(left)} more, type to find them` : "");
  picker.on("load", () => cut(more));
  if (!url) picker.hook("after", "refreshOptions", () => cut(picker.currentResults.items.length - OFFERED));
  if (url && select.multiple) picker.on("item_add", () => picker.load(""));
  // Opened anew it offers everything, not what an earlier search has left.
  picker.on("focus", () => {
    if (searched && !picker.inputValue()) picker.load("");
  });
  for (const name of ["item_add", "item_remove", "focus", "initialize"]) {
    picker.on(name, () => fold(picker));
  }
  // Folded while a press lasts, it would move what is pressed away from under the pointer.
  picker.on("blur", () => press.then(() => fold(picker)));

  // Enter pressed before the list has caught up with what was typed waits for it, so that
  // nobody picks a value that they never saw.
  let entered = false;
  const behind = () =>
    picker.refreshTimeout || picker.loading || picker.lastQuery !== picker.inputValue();
  const catchUp = () => {
    if (!entered || behind()) return;
    entered = false;
    if (picker.activeOption) picker.onOptionSelect(new Event("pick"), picker.activeOption);
  };
  picker.on("type", () => setTimeout(catchUp));
  picker.on("load", () => setTimeout(catchUp));
  picker.control_input.addEventListener(
    "keydown",
    (event) => {
      entered = event.key === "Enter" && picker.isOpen && Boolean(behind());
      if (!entered) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  // What is typed to search is no value of the form around.
  for (const kind of ["input", "change"]) {
    picker.control_input.addEventListener(kind, (event) => event.stopPropagation());
  }
  if (create && select.multiple) {
    picker.control_input.addEventListener(
      "paste",
      (event) => {
        const parts = event.clipboardData.getData("text").split(/[\n\r\t,;]+/);
        const values = [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
        if (values.length < 2) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const all = [...new Set([...picker.items, ...values])];
        if (all.length > MANY && select.dataset.lists) {
          keep(all);
          return;
        }
        pasted = values.length;
        for (const value of values) {
          picker.addOption({ value, text: value });
          picker.addItem(value, true);
        }
        select.dispatchEvent(new Event("change", { bubbles: true }));
      },
      true,
    );
  }

  async function keep(values) {
    note(`Storing ${number(values.length)} values as a list...`);
    const form = new FormData();
    form.append("values", new Blob([values.join("\n")], { type: "text/plain" }), "values.txt");
    form.append("column", new URL(url, window.location.href).searchParams.get("column"));
    try {
      const said = await send(select.dataset.lists, form);
      note(said.error ?? "");
      if (said.list) edit(select, "list", select.dataset.node, [said.list]);
    } catch {
      note("The list was not stored: Muster did not answer. Paste it again.");
    }
  }

  if (select.dataset.missing) {
    let timer = 0;
    select.addEventListener("change", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        look(picker, pasted);
        pasted = 0;
      }, 400);
    });
    new IntersectionObserver(([seen], observer) => {
      if (!seen.isIntersecting) return;
      observer.disconnect();
      look(picker);
    }).observe(picker.wrapper);
  }
  // With an id of its own a morph takes it for no other element.
  picker.wrapper.id = `${select.id}-ts-wrapper`;
  // The library points the label at its own input; the select keeps the name too.
  if (label) {
    label.id ||= `${select.id}-label`;
    select.setAttribute("aria-labelledby", label.id);
  }
  fold(picker);
}

export function startIn(content) {
  if (content.matches?.("select[data-picklist]")) start(content);
  for (const select of content.querySelectorAll?.("select[data-picklist]") ?? []) start(select);
}

htmx.onLoad(startIn);

document.addEventListener("htmx:beforeCleanupElement", (event) => {
  event.target.tomselect?.destroy();
});
