// <button data-comments="id">: puts -- before each line of the textarea that is marked or holds the
// caret, or takes it away where all of them have it.

const COMMENT = /^(\s*)-- ?/;

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-comments]");
  if (!button) return;
  const field = document.getElementById(button.dataset.comments);
  const text = field.value;
  const start = text.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const last = Math.max(field.selectionEnd - (field.selectionEnd > field.selectionStart), start);
  const found = text.indexOf("\n", last);
  const end = found === -1 ? text.length : found;
  const lines = text.slice(start, end).split("\n");
  const written = lines.filter((line) => line.trim());
  const off = written.length > 0 && written.every((line) => COMMENT.test(line));
  const changed = lines.map((line) => {
    if (!line.trim()) return line;
    return off ? line.replace(COMMENT, "$1") : line.replace(/^(\s*)/, "$1-- ");
  });
  field.setRangeText(changed.join("\n"), start, end, "select");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
