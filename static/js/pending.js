// Which controls of a draft hold a value that the server has not answered for yet: an
// answer to an older edit must not put the older value back. Such an edit is sent with the
// revision that was shown when it was begun, so that what others did since is not hidden.

const known = new WeakMap();
const sent = new WeakMap();
const bases = new WeakMap();
const TEXT = "input:not([type=checkbox], [type=radio]), textarea";

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
      const base = target.closest("[data-draft]").querySelector("[name=base]");
      if (base && pending(target) && !bases.has(target)) bases.set(target, base.value);
    },
    true,
  );
}

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, triggeringEvent } = event.detail;
  if (!elt.closest?.("[data-draft]")) return;
  const settled = elt.dataset.settles && document.getElementById(elt.dataset.settles);
  if (settled) {
    known.delete(settled);
    bases.delete(settled);
  }
  // Leaving a field says again what was sent while it was typed.
  const left = triggeringEvent?.type === "change" && triggeringEvent.target;
  if (left && left.matches?.(TEXT) && known.has(left) && !pending(left)) {
    event.preventDefault();
    return;
  }
  const begun = controls(elt)
    .filter((control) => bases.has(control))
    .map((control) => Number(bases.get(control)));
  if (begun.length && parameters.base !== undefined) parameters.base = String(Math.min(...begun));
});

document.addEventListener("htmx:beforeSend", (event) => {
  for (const control of controls(event.detail.elt)) sent.set(control, value(control));
});

// Its own answer is newer than what was sent, unless it was changed again meanwhile. One that
// another person was ahead of (409) is not taken: the page shows what is stored, but where a
// control keeps what was typed ([data-keeps]) until [data-settles="its id"] has been pressed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const refused = event.detail.xhr.status === 409;
  for (const control of controls(event.detail.requestConfig.elt)) {
    if (!known.has(control) || !sent.has(control)) continue;
    if (!refused) known.set(control, sent.get(control));
    else if (sent.get(control) === value(control) && !("keeps" in control.dataset)) {
      known.delete(control);
    } else continue;
    bases.delete(control);
  }
});
