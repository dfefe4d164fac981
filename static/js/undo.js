// Ctrl-Z and Ctrl-Shift-Z press a draft's Undo and Redo. In a field that was typed into since
// it has focus they are the browser's own, which take back what was typed.

let typed = null;

document.addEventListener("focusin", () => {
  typed = null;
});

document.addEventListener("input", (event) => {
  if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea")) {
    typed = event.target;
  }
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target === typed || document.querySelector("dialog[open]")) return;
  const button = document.querySelector(`[data-draft] ${event.shiftKey ? "#redo" : "#undo"}`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
