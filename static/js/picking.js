// A form [data-picks] whose rows are picked by their checkboxes named "s": the box in the
// head [data-pick-all] picks them all, and [data-picked] says how many are. A link
// [data-takes-picked="the form's id"] leads on with those that are picked.

function show(form) {
  const boxes = [...form.querySelectorAll("[name=s]")];
  const count = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-pick-all]");
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  const said = form.querySelector("[data-picked]");
  if (said) said.textContent = count ? `${count} picked` : "";
  for (const link of document.querySelectorAll(`[data-takes-picked="${form.id}"]`)) {
    link.dataset.words ??= link.textContent;
    link.textContent = count ? `${link.dataset.words} (${count})` : link.dataset.words;
    link.search = new URLSearchParams(new FormData(form));
  }
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("[data-picks]");
  if (!form) return;
  if (target.matches("[data-pick-all]")) {
    for (const box of form.querySelectorAll("[name=s]")) box.checked = target.checked;
  }
  show(form);
});

// Other rows: those that were picked are gone.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const form = target.closest?.("[data-picks]");
  if (form) show(form);
});

// Back to the page: the browser ticks the boxes as they were.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-picks]")) show(form);
});
