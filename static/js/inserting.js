// <button data-insert="words" data-into="id">: puts the words where one types in that field.

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-insert]");
  if (!button) return;
  const field = document.getElementById(button.dataset.into);
  const before = field.value.slice(0, field.selectionStart);
  const space = before && !/[\s(.,]$/.test(before) ? " " : "";
  field.setRangeText(space + button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
