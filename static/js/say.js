// The page's one polite live region. Only what came last is said, at most every 2 s.

const PAUSE = 2000;
let waiting = "";
let timer = 0;

function speak() {
  const region = document.getElementById("say");
  if (region && waiting) region.textContent = waiting;
  timer = waiting ? setTimeout(speak, PAUSE) : 0;
  waiting = "";
}

export function say(text) {
  waiting = text;
  if (!timer) speak();
}

// What a response says goes the same way: the region itself stays, as a replaced one is not heard.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.detail.target.id !== "say") return;
  event.detail.shouldSwap = false;
  say(event.detail.fragment.textContent.trim());
});
