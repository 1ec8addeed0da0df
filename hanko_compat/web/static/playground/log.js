// The list of exchanges, the newest first.

import { byId, element } from "./dom.js";
import { shownJson, shownText } from "./json_view.js";
import { state } from "./state.js";

const KEPT = 100;
let opened = null; // what we opened ourselves, and close again when the next one comes
let count = 0;

export function show(request, answer) {
  const exchange = exchangeOf(request, answer);
  if (!request.follow || opened === null) {
    if (opened && !opened.dataset.touched) opened.open = false;
    exchange.open = true;
    opened = exchange;
  }
  count += 1;
  const list = byId("exchanges");
  list.prepend(element("li", {}, exchange));
  last(request, answer);
  while (list.children.length > KEPT) list.lastElementChild.remove();
  counted();
  byId("log").scrollTop = 0;
}

/** On a phone the log is far below: name the newest exchange where it is seen. */
function last({ method, path, follow }, { status }) {
  if (follow) return;
  const link = byId("last-request");
  link.textContent = `${status || "No answer"} ${method} ${path}`;
  link.hidden = false;
}

export function clear() {
  byId("exchanges").replaceChildren();
  opened = null;
  count = 0;
  byId("last-request").hidden = true;
  counted();
  byId("log").focus();
}

function counted() {
  byId("log-empty").hidden = count > 0;
  byId("log-clear").disabled = count === 0;
  byId("log-count").textContent = count === 0 ? "" : `${count} so far`;
}

function exchangeOf(request, answer) {
  const milliseconds = Math.max(1, Math.round(answer.milliseconds));
  const summary = element(
    "summary",
    { onclick: () => (details.dataset.touched = "true") },
    element("span", { class: "method", "data-method": request.method }, request.method),
    " ",
    element("span", { class: "path" }, request.path),
    " ",
    element(
      "span",
      { class: "status", "data-class": String(answer.status)[0] },
      String(answer.status || "–"),
    ),
    " ",
    element("span", { class: "duration" }, `${milliseconds} ms`),
  );
  const details = element(
    "details",
    { "data-endpoint": `${request.method} ${request.path}`, "data-follow": String(request.follow) },
    summary,
    element("div", { class: "exchange" }, requestPart(request), answerPart(answer)),
  );
  return details;
}

function requestPart(request) {
  const headers = Object.entries(request.headers);
  const cookie = state.session && !state.bearer;
  return element(
    "div",
    {},
    element(
      "div",
      { class: "part" },
      element("h3", {}, "Request"),
      element(
        "button",
        { type: "button", class: "copy", onclick: (event) => copy(event, request) },
        "Copy as curl",
      ),
    ),
    headersTable(headers, cookie ? "Cookie: the browser adds the session; scripts can't read it." : ""),
    request.body === undefined ? quiet("No body") : shownJson(masked(request.body), request.body),
  );
}

function answerPart(answer) {
  const phrase = `${answer.status || ""} ${answer.statusText}`.trim();
  const hasSession = answer.headers.some(([name]) => name.toLowerCase() === "x-session-lifetime");
  return element(
    "div",
    {},
    element("div", { class: "part" }, element("h3", {}, "Answer"), element("p", { class: "phrase" }, phrase)),
    headersTable(answer.headers, hasSession ? "Set-Cookie: kept by the browser; scripts can't read it." : ""),
    answerBody(answer),
  );
}

function answerBody({ data, message, status }) {
  if (status === 0) return quiet(message);
  if (data === undefined) return quiet("No body");
  return typeof data === "string" ? quiet("A page, not shown here") : shownJson(data);
}

function headersTable(headers, note) {
  if (headers.length === 0 && !note) return null;
  return element(
    "details",
    { class: "headers" },
    element("summary", {}, headers.length === 1 ? "1 header" : `${headers.length} headers`),
    element(
      "dl",
      {},
      ...headers.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, shownText(value))]),
    ),
    note ? element("p", { class: "quiet-text" }, note) : null,
  );
}

const quiet = (text) => element("p", { class: "quiet-text" }, text);

function masked(body) {
  return "password" in body ? { ...body, password: "•".repeat(8) } : body;
}

async function copy(event, request) {
  const button = event.currentTarget;
  try {
    await navigator.clipboard.writeText(curl(request));
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => (button.textContent = "Copy as curl"), 2000);
}

/** The request as a command line; $TOKEN stands for the session that the browser's cookie carries. */
export function curl({ method, path, headers, body }) {
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -i -X ${method} ${quoted(new URL(path.slice(1), document.baseURI).href)}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (state.session && !headers.Authorization) parts.push('-H "Authorization: Bearer $TOKEN"');
  if (body !== undefined) parts.push(`-d ${quoted(JSON.stringify(body))}`);
  return parts.join(" \\\n  ");
}
