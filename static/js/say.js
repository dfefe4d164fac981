// The page's one polite live region. What an edit did ([data-now], a move) is said at once; of
// what is said besides (counts), only what came last, and never within 2 s of what was before.

const PAUSE = 2000;
let waiting = "";
let timer = 0;

export function tell(text) {
  clearTimeout(timer);
  const region = document.getElementById("say");
  if (region) region.textContent = text;
  timer = setTimeout(speak, PAUSE);
}

function speak() {
  timer = 0;
  if (waiting) tell(waiting);
  waiting = "";
}

function say(text) {
  waiting = text;
  if (!timer) speak();
}

// What a response says goes the same way: the region itself stays, as a replaced one is not heard.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "say") return;
  event.detail.shouldSwap = false;
  const { fragment } = event.detail;
  (fragment.querySelector("[data-now]") ? tell : say)(fragment.textContent.trim());
});
