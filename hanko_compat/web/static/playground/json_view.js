// JSON as text that can be read: coloured, long strings folded, tokens decoded.

import { element } from "./dom.js";
import { decode, isToken, timeLeft } from "./token.js";

const LONG = 64; // characters; what is longer is folded

/** A block of *value*. `revealed`, if given, is what a button shows instead: the body with its password. */
export function shownJson(value, revealed = value) {
  const code = element("code", {}, ...nodes(value, ""));
  const block = element("pre", { tabindex: "0", role: "group", "aria-label": "Body" }, code);
  if (JSON.stringify(value) === JSON.stringify(revealed)) return block;
  const button = element(
    "button",
    { type: "button", class: "reveal", "aria-pressed": "false" },
    "Show the password",
  );
  button.addEventListener("click", () => {
    const isShown = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isShown));
    code.replaceChildren(...nodes(isShown ? value : revealed, ""));
  });
  return element("div", {}, block, button);
}

/** A header's or a member's text: folded when it is long, decoded when it is a token. */
export function shownText(text) {
  const bearer = /^Bearer (.+)$/.exec(text);
  if (bearer) return element("span", {}, "Bearer ", shownText(bearer[1]));
  if (isToken(text)) return fold(text, tokenNote(text));
  return text.length > LONG ? fold(text) : element("span", {}, text);
}

function nodes(value, indent) {
  if (typeof value === "string") return string(value);
  if (value === null || typeof value !== "object") {
    return [
      element("span", { class: typeof value === "number" ? "json-number" : "json-word" }, String(value)),
    ];
  }
  const isList = Array.isArray(value);
  const [start, end] = isList ? "[]" : "{}";
  const entries = Object.entries(value);
  if (entries.length === 0) return [start + end];
  const inner = `${indent}  `;
  const lines = entries.flatMap(([key, member], index) => [
    `\n${inner}`,
    ...(isList ? [] : [element("span", { class: "json-key" }, JSON.stringify(key)), ": "]),
    ...nodes(member, inner),
    index < entries.length - 1 ? "," : "",
  ]);
  return [start, ...lines, `\n${indent}${end}`];
}

function string(text) {
  const plain = JSON.stringify(text);
  if (text.length <= LONG && !isToken(text)) return [element("span", { class: "json-string" }, plain)];
  return ['"', shownText(text), '"'];
}

function fold(text, more) {
  const short = `${text.slice(0, 16)}…${text.slice(-8)}`;
  const label = more ? "Session token" : `Text of ${text.length} characters`;
  const button = element(
    "button",
    { type: "button", class: "fold", "aria-expanded": "false", "aria-label": label },
    short,
  );
  const rest = element(
    "span",
    { class: "unfolded", hidden: true },
    element("span", { class: "whole" }, text),
    more,
  );
  button.addEventListener("click", () => {
    rest.hidden = !rest.hidden;
    button.setAttribute("aria-expanded", String(!rest.hidden));
  });
  return element("span", { class: "folded" }, button, rest);
}

function tokenNote(text) {
  const { header, claims } = decode(text);
  return element(
    "span",
    { class: "token-note" },
    element("strong", {}, "Header"),
    element("span", { class: "token-part" }, ...nodes(header, "")),
    element("strong", {}, `Claims, ${timeLeft(claims)}`),
    element("span", { class: "token-part" }, ...nodes(claims, "")),
  );
}
