// Toasts go after 8 s, but stay while hovered or focused; faults stay until they are closed.
//
// The server adds one with components/toast.html and oob=True.

const STAY = 8000;

export function toast(text, tone = "bad") {
  const template = document.getElementById(`toast-${tone}`);
  const region = document.getElementById("toasts");
  const made = template.content.firstElementChild.cloneNode(true);
  made.querySelector("p").textContent = text;
  region.append(made);
}

function leave(item) {
  if (item.matches(":hover, :focus-within")) {
    setTimeout(leave, 1000, item);
  } else {
    item.remove();
  }
}

const region = document.getElementById("toasts");
if (region) {
  const watch = (item) => {
    if (item.nodeType === Node.ELEMENT_NODE && !item.matches(".bad")) {
      setTimeout(leave, STAY, item);
    }
  };
  for (const item of region.children) watch(item);
  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(watch);
  }).observe(region, { childList: true });
}

document.addEventListener("click", (event) => {
  const item = event.target.closest?.("[data-dismiss]")?.closest(".toast");
  if (!item) return;
  item.remove();
  if (document.activeElement === document.body) {
    document.getElementById("content")?.focus({ preventScroll: true });
  }
});
