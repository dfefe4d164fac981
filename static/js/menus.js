// Menus are popovers: the browser opens, closes and gives focus back. We place them
// beside their button and let the arrows walk through them.

const GAP = 4;

const openers = new Map();

// The button that has opened a menu: several buttons may share one.
export function opener(menu) {
  const known = openers.get(menu.id);
  return known && (known.isConnected ? known : document.getElementById(known.id));
}

document.addEventListener(
  "click",
  ({ target }) => {
    const button = target.closest?.("[popovertarget]");
    if (button) openers.set(button.getAttribute("popovertarget"), button);
  },
  true,
);

function place(menu) {
  const button = opener(menu);
  if (!button) return;
  const anchor = button.getBoundingClientRect();
  const width = menu.offsetWidth;
  const height = menu.offsetHeight;
  const left = Math.min(Math.max(8, anchor.right - width), window.innerWidth - width - 8);
  const below = anchor.bottom + GAP;
  const fits = below + height < window.innerHeight;
  menu.style.left = `${Math.max(8, menu.dataset.start === undefined ? left : anchor.left)}px`;
  menu.style.top = `${fits ? below : Math.max(8, anchor.top - GAP - height)}px`;
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.(".menu[popover]") && event.newState === "open") {
      place(event.target);
      event.target.querySelector(".menu-item:not([hidden])")?.focus();
    }
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const items = [...menu.querySelectorAll(".menu-item:not([hidden])")];
  const at = items.indexOf(document.activeElement);
  const next = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  event.preventDefault();
  items[next]?.focus();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest?.(".menu[popover] .menu-item");
  if (item && !item.closest("[data-theme-form]")) item.closest(".menu").hidePopover();
});

for (const kind of ["scroll", "resize"]) {
  window.addEventListener(
    kind,
    (event) => {
      const open = document.querySelector(".menu:popover-open");
      if (open && !open.contains(event.target)) place(open);
    },
    { capture: true, passive: true },
  );
}
