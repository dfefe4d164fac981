// After a swap focus is never lost to the body. htmx itself refocuses the same id; when
// that is gone: the nearest data-focus-fallback (an id), the nearest part that is still
// there, or the page's heading.

let trail = [];

document.addEventListener("focusin", (event) => {
  trail = [];
  for (let at = event.target; at && at !== document.body; at = at.parentElement) {
    if (at.id) trail.push(at.id);
    if (at.dataset.focusFallback) trail.push(at.dataset.focusFallback);
  }
});

function focusable(element) {
  return element.matches(
    "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]",
  );
}

document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement !== document.body || !trail.length) return;
  if (document.querySelector("dialog[open]")) return;
  const ids = [...trail];
  for (const id of ids) {
    const element = document.getElementById(id);
    if (!element) continue;
    if (!focusable(element)) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    if (document.activeElement === element) return;
  }
  const heading = document.querySelector("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
});

// What an edit adds is gone on with at once, unless the reader is somewhere else by then: a
// name or a number is typed, else the operator is chosen. No list opens unasked.
const ADDS = ["add", "add_group", "add_part", "filter"];
const PLACES = "[id^=line-], [id^=group-], [id^=part-]";
const FIRST = [
  ".part-name input",
  ".group-name input",
  "input.number",
  ".how select",
  "input:checked",
  ".what .ts-control input",
];
let known = new Set();

function ids() {
  return [...document.querySelectorAll(PLACES)].map((element) => element.id);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (ADDS.includes(event.detail.requestConfig.parameters.op)) known = new Set(ids());
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { requestConfig, xhr } = event.detail;
  if (!ADDS.includes(requestConfig?.parameters.op) || xhr.status !== 200) return;
  const at = document.activeElement;
  if (at !== document.body && !requestConfig.elt.contains(at) && !at.matches("h1")) return;
  const id = ids().find((each) => !known.has(each));
  if (!id) return;
  known = new Set(ids());
  const added = document.getElementById(id);
  const field = FIRST.map((each) => added.querySelector(each)).find(Boolean);
  field?.focus();
});

// A press outside every control is the reader's own wish: then nothing is pulled back.
document.addEventListener("mousedown", (event) => {
  if (!event.target.closest?.("a, button, input, select, textarea, label, [tabindex]")) trail = [];
});
