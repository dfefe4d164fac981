// A morph swap keeps what is being typed, the combobox that Tom Select made of a select, and
// an old number, dimmed, until the new one is counted.

import htmx from "htmx.org";
import { Idiomorph } from "idiomorph/dist/idiomorph-ext.esm.js";
import { pending } from "./pending.js";
import { startIn } from "./picklist.js";

function follow(select, fresh) {
  const picker = select.tomselect;
  const open = picker.isOpen;
  for (const option of fresh.options) {
    if (picker.options[option.value]) continue;
    picker.addOption({ value: option.value, text: option.textContent, ...option.dataset });
  }
  const chosen = [...fresh.options].filter((option) => option.selected).map(({ value }) => value);
  if (chosen.join("\n") !== picker.items.join("\n")) {
    picker.setValue(select.multiple ? chosen : (chosen[0] ?? ""), true);
    if (!open) picker.close();
  }
  if (fresh.disabled) picker.disable();
  else picker.enable();
}

// What [data-figures] holds until its numbers are there: nothing, or that they are counted.
function counted(figures) {
  return figures.childElementCount > 0 && !figures.querySelector(".loading");
}

// Idiomorph leaves what has focus as it is, with all that is in it: right for a field that is
// typed in, not for a button whose words change, nor for an edit that was not taken because
// somebody else was first. Then the page shows what is stored.
document.addEventListener("htmx:beforeSwap", (event) => {
  const typed = document.activeElement?.matches("input, select, textarea");
  Idiomorph.defaults.ignoreActiveValue = typed && event.detail.xhr.status !== 409;
});

Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
  if (old.matches?.("input, select, textarea") && pending(old)) return false;
  if (old.tomselect && fresh.nodeName === "SELECT") {
    // Moved on the page by itself, it has left what one sees of it behind.
    if (old.nextElementSibling !== old.tomselect.wrapper) old.after(old.tomselect.wrapper);
    follow(old, fresh);
    return false;
  }
  if (old.matches?.("data.count:not(.waiting)") && fresh.matches?.("data.count.waiting")) {
    old.setAttribute("aria-busy", "true");
    return false;
  }
  if (old.matches?.("[data-figures]") && !counted(fresh)) {
    if (counted(old)) old.setAttribute("aria-busy", "true");
    return false;
  }
  if (old.hasAttribute?.("hx-post") && !fresh.hasAttribute?.("hx-post")) asked.add(old);
  return !old.matches?.("label[id$='-ts-label']");
};

// An element that was made into another one asks no more for what it did before.
const asked = new WeakSet();
Idiomorph.defaults.callbacks.afterNodeMorphed = (node) => {
  if (asked.delete(node)) htmx.process(node);
};

// What the reader has unfolded or picked stays so.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !(name === "open" && node.matches("details")) &&
  !(name === "checked" && node.matches(".pick input"));

// htmx reports what a morph brings late or never: nobody should see, or press, the bare select.
Idiomorph.defaults.callbacks.afterNodeAdded = startIn;

Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => {
  // It tells of what is in a field and not saved yet.
  if (node.dataset?.until && pending(document.getElementById(node.dataset.until))) return false;
  if (node.matches?.(".ts-wrapper")) return !node.previousElementSibling?.tomselect;
  node.tomselect?.destroy();
  for (const select of node.querySelectorAll?.("select") ?? []) select.tomselect?.destroy();
  return true;
};
