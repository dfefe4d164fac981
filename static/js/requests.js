// What a request that does not get through means to the person at the page.
//
// An edit of a draft (anything in [data-draft]) that the server did not take is kept here and
// sent again, in order, when the connection is back; edits made meanwhile wait behind it. One
// that was refused because the session ended (401) goes on after the log-in in its dialog.
// Each edit has a name of its own (X-Edit: this window and a number): one whose answer was
// lost is not done twice, and what this window did itself is no other person's edit.
// Everything else is told, once.

import htmx from "htmx.org";
import { toast } from "./toasts.js";

const AGAIN = 5000;
const LONGEST = 30000;
const OFFLINE = "You are offline. What you type is kept and saved when you are back.";
const TYPED = ["value", "name", "period"];
const held = [];
let sending = null; // the edit that is being sent again
let finish = () => {}; // told how that went: "" taken, "lost", "refused"
let timer = 0;

const WORDS = {
  403: "You have no right to do that. Ask an admin.",
  404: "This is gone. Load the page again to see what is there now.",
  413: "That is too much at once. Send it in smaller parts.",
  429: "Too many requests at once. Wait a moment, then try again.",
};
const AWAY = [502, 503, 504]; // a server that is being restarted, as its proxy tells it

// What asks every few seconds ([data-rests]) rests in a tab that nobody looks at.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.matches("[data-rests]")) event.preventDefault();
});

function connection(text) {
  const region = document.getElementById("connection");
  if (region && region.textContent !== text) {
    region.textContent = text;
    region.hidden = !text;
  }
}

function draftOf(elt) {
  return elt.closest?.("[data-draft]");
}

function isEdit(config) {
  return config.verb !== "get" && Boolean(draftOf(config.elt));
}

const WINDOW = [...crypto.getRandomValues(new Uint8Array(8))]
  .map((byte) => byte.toString(16).padStart(2, "0"))
  .join("");
let edits = 0;

// What was typed on and on into one control while nothing got through is one edit.
function hold(config) {
  const [op, node] = [config.parameters.op, config.parameters.node];
  const last = held.at(-1);
  const values = new FormData();
  for (const [key, value] of config.formData.entries()) values.append(key, value);
  const kept = {
    elt: config.elt,
    id: config.elt.id,
    target: config.target,
    verb: config.verb,
    path: config.path,
    ofDraft: draftOf(config.elt)?.dataset.ops === config.path,
    key: config.headers["X-Edit"],
    control: `${op} ${node}`,
    values,
  };
  // What is being sent is not taken back: the newer edit comes after it.
  if (last && last !== sending && TYPED.includes(op) && last.control === kept.control) held.pop();
  held.push(kept);
  const saved = document.getElementById("saved");
  if (saved && kept.key) saved.textContent = "Not saved yet";
  document.documentElement.dataset.unsaved = String(held.length);
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(sendAgain, AGAIN);
}

// The page may have been swapped since: the edit is made on the draft as it is now.
function again(kept) {
  const elt = kept.elt.isConnected ? kept.elt : document.getElementById(kept.id);
  const draft = (elt && draftOf(elt)) ?? (kept.key && document.querySelector("[data-draft]"));
  const place = draft || document.getElementById("dialogs");
  return htmx.ajax(kept.verb, (kept.ofDraft && draft?.dataset.ops) || kept.path, {
    source: elt ?? place,
    target: kept.target?.isConnected ? kept.target : place,
    swap: elt ? undefined : draft ? "morph:outerHTML" : "innerHTML",
    values: kept.values,
    headers: { "X-Sent-Again": "true", ...(kept.key ? { "X-Edit": kept.key } : {}) },
  });
}

// htmx may put it behind another request: it is over when its answer or its loss is told.
function over(kept) {
  return new Promise((done) => {
    finish = done;
    setTimeout(done, LONGEST, "lost");
    again(kept).catch(() => done("lost"));
  });
}

async function sendAgain() {
  if (sending || !held.length) return;
  clearTimeout(timer);
  let outcome = "";
  while (held.length && !outcome) {
    sending = held[0];
    outcome = await over(sending);
    if (!outcome) held.shift();
  }
  sending = null;
  if (held.length) {
    document.documentElement.dataset.unsaved = String(held.length);
    if (outcome === "lost") wait();
  } else {
    delete document.documentElement.dataset.unsaved;
    connection("");
  }
}

function isOurs(config) {
  return Boolean(config?.headers?.["X-Sent-Again"]);
}

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, verb, headers } = event.detail;
  if (verb !== "get" && draftOf(elt)) headers["X-Edit"] ??= `${WINDOW}-${++edits}`;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const config = event.detail.requestConfig;
  if (!held.length || isOurs(config) || !isEdit(config)) return;
  event.preventDefault();
  hold(config);
  if (!sending && navigator.onLine) sendAgain();
});

function lost(config) {
  connection(OFFLINE);
  if (isOurs(config)) {
    finish("lost");
  } else {
    hold(config);
    wait();
  }
}

for (const kind of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(kind, (event) => {
    const config = event.detail.requestConfig;
    if (isEdit(config) || isOurs(config)) lost(config);
    else connection("No connection to Muster. Numbers may be old; nothing is lost.");
  });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 401) return;
  const config = event.detail.requestConfig;
  if (isOurs(config)) finish("refused");
  else hold(config);
  // Several requests may learn of it: what is typed into the first dialog stays.
  if (document.getElementById("dialog_username")) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if ([401, 409, 422].includes(xhr.status)) return;
  if (AWAY.includes(xhr.status) && (isEdit(requestConfig) || isOurs(requestConfig))) {
    lost(requestConfig);
    return;
  }
  toast(WORDS[xhr.status] ?? "Muster could not do that. Nothing you typed is lost: try again.");
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr?.status) return;
  if (isOurs(requestConfig)) finish("");
  else if (!held.length) connection("");
});

document.addEventListener("session:renewed", (event) => {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  headers["X-CSRFToken"] = event.detail.token;
  document.body.setAttribute("hx-headers", JSON.stringify(headers));
  for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) {
    input.value = event.detail.token;
  }
  sendAgain();
});

window.addEventListener("online", sendAgain);
window.addEventListener("beforeunload", (event) => {
  if (held.length) event.preventDefault();
});

// Busy: a button says so and keeps its width; what waits for numbers is dimmed by its class.
document.addEventListener("htmx:beforeSend", (event) => {
  const { elt, target } = event.detail;
  const button = elt.matches("form") ? elt.querySelector("button.primary") : elt.closest("button");
  button?.setAttribute("aria-busy", "true");
  if (target?.matches?.("[data-busy]")) target.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, target } = event.detail;
  const button = elt.matches("form") ? elt.querySelector("button.primary") : elt.closest("button");
  button?.removeAttribute("aria-busy");
  target?.removeAttribute?.("aria-busy");
});
