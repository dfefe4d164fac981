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
