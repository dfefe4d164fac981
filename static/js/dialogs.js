// A <dialog data-dialog> that a swap brings is opened as a modal; closed, it is gone and
// focus is back at its opener. The server closes it with the event "dialog:close".

import htmx from "htmx.org";

let opener = null;

function remember() {
  const at = document.activeElement;
  if (at && at !== document.body && !at.closest("dialog, [popover]")) {
    opener = { element: at, id: at.id };
  }
  const menu = at?.closest?.("[popover]");
  if (menu) {
    const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
    if (button) opener = { element: button, id: button.id };
  }
}

function giveBack() {
  const back = opener?.element.isConnected
    ? opener.element
    : opener?.id && document.getElementById(opener.id);
  if (back) back.focus();
  opener = null;
}

function open(dialog) {
  dialog.addEventListener("close", () => {
    dialog.remove();
    giveBack();
  });
  dialog.showModal();
  const first =
    dialog.querySelector("[role=alert][tabindex], [aria-invalid=true], [autofocus]") ||
    dialog.querySelector(
      ".dialog-body :is(input, select, textarea):not([type=hidden], :disabled)",
    ) ||
    dialog.querySelector("h2");
  if (first?.matches("h2")) first.tabIndex = -1;
  first?.focus();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!document.querySelector("dialog[open]")) remember(event);
});

htmx.onLoad((content) => {
  const found = content.matches?.("dialog[data-dialog]")
    ? [content]
    : content.querySelectorAll?.("dialog[data-dialog]");
  for (const dialog of found ?? []) if (!dialog.open) open(dialog);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-close]");
  const then = button?.dataset.then && document.getElementById(button.dataset.then);
  if (then) opener = { element: then, id: then.id }; // where one goes on instead
  button?.closest("dialog")?.close();
  const shows = event.target.closest?.("[data-opens]");
  if (shows) {
    remember();
    const template = document.getElementById(shows.dataset.opens);
    const place = document.getElementById("dialogs");
    place.replaceChildren(template.content.cloneNode(true));
    htmx.process(place);
    for (const dialog of place.querySelectorAll("dialog[data-dialog]")) {
      if (!dialog.open) open(dialog);
    }
  }
});

// A press on the ground behind it leaves a dialog that holds no form.
document.addEventListener("mousedown", (event) => {
  const dialog = event.target;
  if (dialog.matches?.("dialog[data-dialog]") && !dialog.querySelector("form")) dialog.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const main = event.target.closest?.("dialog")?.querySelector(".button.primary");
  if (main) {
    event.preventDefault();
    main.click();
  }
});

document.addEventListener("dialog:close", () => {
  for (const dialog of document.querySelectorAll("dialog[data-dialog][open]")) dialog.close();
});
