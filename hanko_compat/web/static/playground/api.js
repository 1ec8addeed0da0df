// Calls the API, and shows each exchange in the log.

import { show } from "./log.js";
import { isServed, NOBODY, state, update, whyNotServed } from "./state.js";

// What is refused with 401 although there is a session: a wrong code, password, passkey or one-time token.
const LOGS_IN = /\/login\b|\/token$/;

/**
 * Call an endpoint: call("DELETE /emails/{id}", { id, query, body }).
 *
 * Answers {ok, status, data, message, retryAfter} and never throws. `follow` marks a request that only
 * refreshes the page: it does not push aside what the user did.
 */
export async function call(endpoint, { id, query, body, follow = false } = {}) {
  const [method, template] = endpoint.split(" ");
  const asked = query ? `?${new URLSearchParams(query)}` : "";
  const path = template.replace("{id}", encodeURIComponent(id)) + asked;
  const request = { method, path, headers: headersFor(body), body, follow };
  const started = performance.now();
  try {
    const response = await fetch(new URL(path.slice(1), document.baseURI), {
      method,
      headers: request.headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
    });
    const text = await response.text();
    const answer = read(endpoint, response, text);
    show(request, { ...answer, milliseconds: performance.now() - started });
    keepToken(response);
    if (hasEnded(endpoint, answer)) update(NOBODY);
    return answer;
  } catch (error) {
    const message = `The server can't be reached (${error.message}).`;
    const answer = { ok: false, status: 0, statusText: "No answer", headers: [], data: undefined, message };
    show(request, { ...answer, milliseconds: performance.now() - started });
    return answer;
  }
}

function headersFor(body) {
  return {
    Accept: "application/json",
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(state.bearer ? { Authorization: `Bearer ${state.bearer}` } : {}),
  };
}

function read(endpoint, response, text) {
  const isJson = response.headers.get("Content-Type")?.includes("json") && text !== "";
  const data = isJson ? JSON.parse(text) : text || undefined;
  const { ok, status, headers } = response;
  const retryAfter = Number(headers.get("Retry-After")) || undefined;
  const statusText = response.statusText || (ok ? "OK" : "");
  const answer = { ok, status, statusText, headers: [...headers], data, retryAfter };
  return ok ? answer : { ...answer, message: explain(endpoint, answer) };
}

/** The server's own text with its status, and what helps further. */
function explain(endpoint, { status, data, retryAfter }) {
  const said = `${status}: ${data?.message ?? "no message"}.`.replace("..", ".");
  if (hasEnded(endpoint, { status }))
    return `${said} Your session has ended, by its time or from elsewhere: log in again.`;
  if (retryAfter) return `${said} Try again in ${retryAfter} s (Retry-After).`;
  if (status === 404 && !isServed(endpoint)) return `${said} ${whyNotServed(endpoint)}.`;
  return said;
}

const hasEnded = (endpoint, { status }) => status === 401 && state.session && !LOGS_IN.test(endpoint);

function keepToken(response) {
  const token = response.headers.get("X-Auth-Token");
  if (token) update({ bearer: token });
}
