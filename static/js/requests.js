// What a request that does not get through means to the person at the page.
//
// An edit of a draft (anything in [data-draft]) is kept and sent again in order when the
// connection is back; a request refused because the session ended (401) is repeated after
// the log-in in its dialog. Everything else is told, once.

import htmx from "htmx.org";
import { toast } from "./toasts.js";

const AGAIN = 5000;
const held = [];
let sending = false;
let timer = 0;

const WORDS = {
  403: "You have no right to do that. Ask an admin.",
  404: "This is gone. Load the page again to see what is there now.",
  413: "That is too much at once. Send it in smaller parts.",
  429: "Too many requests at once. Wait a moment, then try again.",
};

function connection(text) {
  const region = document.getElementById("connection");
  if (region && region.textContent !== text) {
    region.textContent = text;
    region.hidden = !text;
  }
}

function hold(config) {
  held.push(config);
  document.documentElement.dataset.unsaved = String(held.length);
}

async function sendAgain() {
  if (sending || !held.length) return;
  sending = true;
  clearTimeout(timer);
  while (held.length) {
    const config = held[0];
    const draft = config.elt.closest?.("[data-draft]");
    const values = Object.fromEntries(config.parameters ?? []);
    const base = draft?.querySelector("[name=base]");
    if (base && "base" in values) values.base = base.value;
    let through = true;
    const lost = (event) => {
      if (event.detail.requestConfig.again === config) through = false;
    };
    document.addEventListener("htmx:sendError", lost);
    try {
      await htmx.ajax(config.verb, config.path, {
        source: config.elt.isConnected ? config.elt : document.body,
        target: config.target?.isConnected ? config.target : undefined,
        values,
        headers: { "X-Sent-Again": "true" },
        handler: undefined,
      });
    } catch {
      through = false;
    }
    document.removeEventListener("htmx:sendError", lost);
    if (!through || !navigator.onLine) break;
    held.shift();
  }
  sending = false;
  if (held.length) {
    timer = setTimeout(sendAgain, AGAIN);
  } else {
    delete document.documentElement.dataset.unsaved;
    connection("");
  }
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const config = event.detail.requestConfig;
  if (sending) config.again = held[0];
  if (sending || !held.length || config.verb === "get") return;
  if (config.elt.closest?.("[data-draft]")) {
    event.preventDefault();
    hold(config);
  }
});

document.addEventListener("htmx:sendError", (event) => {
  const config = event.detail.requestConfig;
  const edit = config.verb !== "get" && config.elt.closest?.("[data-draft]");
  if (edit) {
    if (!sending) hold(config);
    connection("You are offline. What you type is kept and saved when you are back.");
    clearTimeout(timer);
    timer = setTimeout(sendAgain, AGAIN);
  } else {
    connection("No connection to Muster. Numbers may be old; nothing is lost.");
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const xhr = event.detail.xhr;
  if (xhr?.status && !held.length) connection("");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 401) hold(event.detail.requestConfig);
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if ([401, 409, 422].includes(status)) return;
  toast(WORDS[status] ?? "Muster could not do that. Nothing you typed is lost: try again.");
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
