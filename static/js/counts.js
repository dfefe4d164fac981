// What an edit has dimmed until it is counted stands there undimmed once the count has failed, was
// stopped, or gave way to another window's: nothing is on its way then.

function settle() {
  for (const number of document.querySelectorAll("data.count[aria-busy]")) {
    number.removeAttribute("aria-busy");
  }
}

document.addEventListener("draft:uncounted", settle);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.elt.id === "figures" && detail.xhr.status === 204) settle();
});
for (const kind of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(kind, ({ detail }) => {
    if (detail.elt.id === "figures") settle();
  });
}
