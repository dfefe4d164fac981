// Small behaviours of plain controls.

import { toast } from "./toasts.js";

// <button data-show="id">Show</button> beside a password.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-show]");
  if (!button) return;
  const input = document.getElementById(button.dataset.show);
  const hidden = input.type === "password";
  input.type = hidden ? "text" : "password";
  button.setAttribute("aria-pressed", String(hidden));
  input.focus();
});

// A disabled button stays reachable, so that its reason is read; it does nothing.
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.("[aria-disabled=true]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

// A form that leaves the page is sent once.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.matches("[method=dialog]")) return;
  if (event.target.matches("[hx-post], [data-hx-post]")) return;
  button.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
  }
});

// <button data-copy="text">: copies it, and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  toast(`Copied: ${button.dataset.copy}`, "good");
});

// <button data-copies="id">: copies the text of that element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  await navigator.clipboard.writeText(source.textContent.trim());
  button.dataset.copied = "true";
  setTimeout(() => delete button.dataset.copied, 2000);
});
