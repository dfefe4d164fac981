// <select data-picklist>: a combobox with a list to search in (Tom Select over the select,
// which stays what is sent).
//
//   data-url      GET url?q=&selected= answers
//                 {"options": [{"value", "text", "amount", "share", "note"}], "more": 312,
//                  "near": "Gold"}: amount and note are words, share is 0 to 100
//   data-create   values that are not in the list may be typed; what is pasted is split at
//                 lines, tabs and commas
//   data-placeholder, data-none (the words for no match)
//
// <option data-amount="8,210" data-share="34" data-note="..." data-gone> feed the same.

import htmx from "htmx.org";
import TomSelect from "tom-select/base";
import removeButton from "tom-select/plugins/remove_button/plugin.js";

TomSelect.define("remove_button", removeButton);

const SHOWN = 8;
const SVG = "http://www.w3.org/2000/svg";

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

function fold(picker) {
  if (picker.settings.mode !== "multi") return;
  const items = [...picker.control.querySelectorAll(".item")];
  const open = picker.isFocused;
  items.forEach((each, at) => {
    each.hidden = !open && at >= SHOWN;
  });
  picker.control.dataset.more = !open && items.length > SHOWN ? `+ ${items.length - SHOWN}` : "";
}

function start(select) {
  if (select.tomselect) return;
  const label = select.labels[0];
  const { url } = select.dataset;
  const create = select.dataset.create !== undefined;
  let more = 0;
  let near = "";
  let searched = ""; // what the options that are there were found by
  const picker = new TomSelect(select, {
    plugins: select.multiple ? { remove_button: { title: "Remove", className: "remove" } } : {},
    maxOptions: url ? 200 : 1000,
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
    ],
    sortField: [{ field: "$score" }, { field: "$order" }],
    render: {
      option,
      item,
      no_results: (data) => {
        const words = near
          ? `Nothing like "${data.input}". Did you mean ${near}?`
          : select.dataset.none || `Nothing like "${data.input}".`;
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
            searched = query;
            picker.clearOptions();
            done(found.options);
          } catch {
            done();
            note("Could not look: the warehouse did not answer. Keep typing to try again.");
          }
        }
      : undefined,
    shouldLoad: () => true,
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

  // Nothing left to pick: the list would only stand in the way.
  picker.on("item_add", () => {
    const left = Object.keys(picker.options).length - picker.items.length;
    if (select.multiple && !url && !create && left <= 0) picker.close();
  });
  picker.on("load", () => note(more ? `${more.toLocaleString("en-US")} more, keep typing` : ""));
  if (url && select.multiple) picker.on("item_add", () => picker.load(""));
  // Opened anew it offers everything, not what an earlier search has left.
  picker.on("focus", () => {
    if (searched && !picker.inputValue()) picker.load("");
  });
  for (const name of ["item_add", "item_remove", "focus", "blur", "initialize"]) {
    picker.on(name, () => fold(picker));
  }

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
        const parts = event.clipboardData.getData("text").split(/[\n\r\t,]+/);
        const values = parts.map((part) => part.trim()).filter(Boolean);
        if (values.length < 2) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        for (const value of values) {
          picker.addOption({ value, text: value });
          picker.addItem(value, true);
        }
        select.dispatchEvent(new Event("change", { bubbles: true }));
      },
      true,
    );
  }
  // The library points the label at its own input; the select keeps the name too.
  if (label) {
    label.id ||= `${select.id}-label`;
    select.setAttribute("aria-labelledby", label.id);
  }
  fold(picker);
}

htmx.onLoad((content) => {
  if (content.matches?.("select[data-picklist]")) start(content);
  for (const select of content.querySelectorAll?.("select[data-picklist]") ?? []) start(select);
});

document.addEventListener("htmx:beforeCleanupElement", (event) => {
  event.target.tomselect?.destroy();
});

// A morph may bring a select that htmx does not report as new.
document.addEventListener("htmx:afterSettle", () => {
  for (const select of document.querySelectorAll("select[data-picklist]")) start(select);
});
