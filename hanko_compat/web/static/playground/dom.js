// Small words for the document. Text is only ever set as text, so nothing of an answer becomes markup.

export const byId = (id) => document.getElementById(id);

/** Make an element: element("p", { class: "hint" }, "Text ", anotherElement). */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Run *work* when the button *id* is pressed; meanwhile it says that it is busy. */
export function onPress(id, work) {
  const button = byId(id);
  button?.addEventListener("click", () => busy(button, work));
}

/** Run *work* when the form *id* is sent, by its button or by Enter. */
export function onSend(id, work) {
  const form = byId(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("[type=submit]");
    if (!button.disabled) busy(button, work);
  });
}

async function busy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const result = button.closest(".step")?.querySelector(".result");
  const before = result?.dataset.kind ?? "note";
  if (result) result.dataset.kind = "busy"; // what it says is of before
  try {
    await work();
  } finally {
    if (result?.dataset.kind === "busy") result.dataset.kind = before;
    button.removeAttribute("aria-busy");
  }
}

/** Say in the step of *id* how it went; *kind* is "ok", "error" or "note". */
export function tell(id, kind, text, ...more) {
  const result = byId(id);
  result.dataset.kind = kind;
  const word = { ok: "Done: ", error: "Error: ", note: "" }[kind];
  result.replaceChildren(element("p", {}, element("span", { class: "hidden" }, word), text), ...more);
}

/** Forget what the steps said. */
export function hush(...ids) {
  for (const id of ids) byId(id).replaceChildren();
}
