// Long lists of values: pasted into a picklist or its dialog, or uploaded as a file. They are
// sent as a file, whatever their length; the answer says what the edit is that uses them.

import htmx from "htmx.org";

export function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

export async function send(url, form) {
  const answer = await fetch(url, {
    method: "POST",
    body: form,
    headers: { "X-CSRFToken": csrf(), Accept: "application/json" },
  });
  const type = answer.headers.get("Content-Type") ?? "";
  const said = type.includes("json") ? await answer.json() : {};
  if (!answer.ok && !said.error) throw new Error(answer.statusText);
  return said;
}

// An edit of the draft that the control is in, as the control beside it would send it.
export function edit(control, op, node, values) {
  const path = control.closest("[hx-post]").getAttribute("hx-post");
  const source = control.closest("[data-draft]");
  return htmx.ajax("POST", path, { source, values: { op, node, value: values } });
}

function fault(form, field, text) {
  for (const each of form.querySelectorAll("[data-fault]")) {
    each.hidden = each.dataset.fault !== field;
    each.textContent = each.hidden ? "" : text;
    const control = form.querySelector(`[name="${each.dataset.fault}"]`);
    control?.toggleAttribute("aria-invalid", false);
    if (!each.hidden) {
      control?.setAttribute("aria-invalid", "true");
      control?.focus();
    }
  }
}

// A browser takes minutes to show a hundred thousand lines: so many are kept beside the field,
// which says how many they are. What is typed or pasted there anew takes their place.
const LONG = 2000; // lines
const beside = new WeakMap();

function keepBeside(field, text) {
  beside.set(field, text);
  const lines = text ? text.trim().split("\n").length : 0;
  const told = field.form.querySelector("[data-pasted]");
  told.textContent = lines ? `${lines.toLocaleString("en-US")} lines pasted, too many to show.` : "";
}

document.addEventListener("paste", (event) => {
  const field = event.target;
  if (!field.matches?.("form[data-list-for] textarea")) return;
  event.preventDefault();
  const text = event.clipboardData.getData("text");
  const long = text.split("\n", LONG + 1).length > LONG;
  keepBeside(field, long ? text : "");
  if (long) field.value = "";
  else field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
});

document.addEventListener("input", ({ target }) => {
  if (beside.get(target)) keepBeside(target, "");
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-list-for]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.sent) return;
  form.dataset.sent = "true";
  const button = form.querySelector(".button.primary");
  button.setAttribute("aria-busy", "true");
  try {
    const asked = new FormData(form);
    const text = beside.get(form.elements.values) || asked.get("values");
    asked.set("values", new Blob([text], { type: "text/plain" }), "values.txt");
    const said = await send(form.action, asked);
    if (said.error) {
      fault(form, said.field, said.error);
      return;
    }
    const control = document.getElementById(`add-${form.dataset.listFor}`);
    form.closest("dialog").close();
    if (control) edit(control, "add", form.dataset.listFor, said.values);
  } catch {
    fault(form, "values", "Muster did not answer. What you pasted is kept: try again.");
  } finally {
    delete form.dataset.sent;
    button.removeAttribute("aria-busy");
  }
});
