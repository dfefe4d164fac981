// Which controls of a draft hold a value that the server has not answered for yet: an
// answer to an older edit must not put the older value back.

const known = new WeakMap();
const sent = new WeakMap();

function value(control) {
  if (control.matches("select")) {
    return [...control.selectedOptions].map((option) => option.value).join("\n");
  }
  return control.matches("[type=checkbox], [type=radio]") ? control.checked : control.value;
}

function first(control) {
  if (control.matches("select")) {
    return [...control.options]
      .filter((option) => option.defaultSelected)
      .map((option) => option.value)
      .join("\n");
  }
  return control.matches("[type=checkbox], [type=radio]")
    ? control.defaultChecked
    : control.defaultValue;
}

function controls(element) {
  const found = [...element.querySelectorAll("input, select, textarea")];
  return element.matches("input, select, textarea") ? [element, ...found] : found;
}

export function pending(control) {
  return known.has(control) && known.get(control) !== value(control);
}

for (const kind of ["input", "change"]) {
  document.addEventListener(
    kind,
    ({ target }) => {
      if (!target.matches?.("[data-draft] :is(input, select, textarea)")) return;
      if (!known.has(target)) known.set(target, first(target));
    },
    true,
  );
}

document.addEventListener("htmx:beforeSend", (event) => {
  for (const control of controls(event.detail.elt)) sent.set(control, value(control));
});

// Its own answer is newer than what was sent, unless it was changed again meanwhile.
document.addEventListener("htmx:beforeSwap", (event) => {
  for (const control of controls(event.detail.requestConfig.elt)) {
    if (known.has(control) && sent.has(control)) known.set(control, sent.get(control));
  }
});
