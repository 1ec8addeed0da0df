// Step 6 and the end: the session, its token, log-out, deletion.

import { call } from "./api.js";
import { byId, element, hush, onPress, onSend, tell } from "./dom.js";
import { shownJson } from "./json_view.js";
import { NOBODY, state, tokenIsOlder, update } from "./state.js";
import { decode, timeLeft, verify } from "./token.js";

// Tabs share the session cookie: each hears from the others when it has changed.
const otherTabs = new BroadcastChannel("hanko_compat.playground");

export function start() {
  onPress("session-check", checkSession);
  onPress("session-me", readProfile);
  onPress("token-show", showToken);
  onSend("token-form", verifyToken);
  onPress("token-ask", askServer);
  byId("token").addEventListener("input", showDecoded);
  for (const id of ["logout", "logout-top"]) onPress(id, logOut);
  onPress("delete", () => byId("delete-dialog").showModal());
  onPress("delete-cancel", () => byId("delete-dialog").close());
  onPress("delete-confirm", deleteAccount);
  otherTabs.addEventListener("message", followOtherTab);
}

async function followOtherTab() {
  const before = state.session?.claims.session_id;
  await refreshSession({ tells: false });
  if (before && !state.session) forget("You are signed out now, by another tab.");
}

/** Learn from the server who is signed in, after anything that may have changed it. */
export async function refreshSession({ tells = true } = {}) {
  const before = state.session?.claims.session_id;
  const checked = await call("GET /sessions/validate", { follow: true });
  if (!checked.ok) return; // nothing is known, as the server can't be asked
  if (!checked.data.is_valid) return update(NOBODY);
  const me = await call("GET /me", { follow: true });
  hush("leave-result");
  const hasChanged = checked.data.claims.session_id !== before;
  update({ session: checked.data, sessions: hasChanged ? [] : state.sessions });
  if (me.ok) know(me.data);
  if (tells && hasChanged) otherTabs.postMessage("session");
}

function know(profile) {
  const { user_id: id, emails = [], passkeys = [] } = profile;
  const primary = emails.find((email) => email.is_primary) ?? emails[0];
  const user = { id, emailId: primary?.id, address: primary?.address ?? state.user?.address ?? "" };
  update({ profile, user, addresses: emails, passkeys });
  byId("email").value = user.address;
}

async function checkSession() {
  const answer = await call("GET /sessions/validate");
  if (!answer.ok) return tell("session-result", "error", answer.message);
  if (!answer.data.is_valid) {
    update(NOBODY);
    return tell("session-result", "note", "There is no session: is_valid is false.");
  }
  update({ session: answer.data });
  showFacts(answer.data);
  tell("session-result", "ok", `The session is valid. ${tokenIsOlder()}`.trim());
}

function showFacts({ claims, user_id: userId, expiration_time: end, idle_expires_at: idle }) {
  const rows = {
    User: userId,
    Session: claims.session_id,
    "Address in the token": claims.email?.address,
    Audience: claims.audience?.join(", "),
    Issued: claims.issued_at && new Date(claims.issued_at).toLocaleString(),
    Ends: `${new Date(end).toLocaleString()} (${timeLeft({ exp: Date.parse(end) / 1000 })})`,
    "Ends unused": idle && new Date(idle).toLocaleString(),
  };
  const known = Object.entries(rows).filter(([, value]) => value);
  const facts = byId("session-facts");
  facts.replaceChildren(
    ...known.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
  facts.hidden = false;
}

async function readProfile() {
  const answer = await call("GET /me");
  if (!answer.ok) return tell("session-result", "error", answer.message);
  know(answer.data);
  tell("session-result", "ok", "Your profile is in the newest answer.");
}

async function showToken() {
  const answer = state.bearer
    ? { ok: true, data: { token: state.bearer } }
    : await call("GET /playground/token");
  byId("token-form").hidden = false;
  byId("token").value = (answer.ok && answer.data.token) || "";
  showDecoded();
  if (answer.ok)
    tell(
      "session-result",
      "note",
      `The cookie hides it from scripts; only this page may ask for it. ${tokenIsOlder()}`.trim(),
    );
  else
    tell("session-result", "error", `${answer.message} Paste the cookie's value from the developer tools.`);
}

const pasted = () => byId("token").value.trim();

function showDecoded() {
  const parts = [];
  try {
    const { header, claims } = decode(pasted());
    parts.push(element("h3", {}, "Header"), shownJson(header));
    parts.push(element("h3", {}, `Claims, ${timeLeft(claims)}`), shownJson(claims));
  } catch {
    parts.push(element("p", { class: "hint" }, "This is no token: header and claims can't be read."));
  }
  byId("token-decoded").replaceChildren(...parts);
}

async function verifyToken() {
  const answer = await call("GET /.well-known/jwks.json");
  if (!answer.ok) return tell("session-result", "error", answer.message);
  const { isValid, reason } = await verify(pasted(), answer.data.keys);
  tell("session-result", isValid ? "ok" : "error", `${isValid ? "Genuine." : "Not genuine."} ${reason}`);
}

async function askServer() {
  const answer = await call("POST /sessions/validate", { body: { session_token: pasted() } });
  if (!answer.ok) return tell("session-result", "error", answer.message);
  const { is_valid: isValid } = answer.data;
  tell("session-result", isValid ? "ok" : "note", `The server says: is_valid is ${isValid}.`);
}

async function logOut() {
  hush("leave-result");
  const answer = await call("POST /logout");
  if (!answer.ok && answer.status !== 401) return tell("leave-result", "error", answer.message);
  leave("Logged out. The session has ended on the server.");
}

async function deleteAccount() {
  byId("delete-dialog").close();
  const answer = await call("DELETE /user");
  if (!answer.ok) return tell("leave-result", "error", answer.message);
  update({ user: null, passwordOf: null });
  byId("email").value = "";
  leave("The account is deleted.");
}

/** Show that this session is over, here and in other tabs. */
export function leave(text) {
  otherTabs.postMessage("session");
  forget(text);
}

function forget(text) {
  update({ ...NOBODY, passcode: null });
  byId("session-facts").hidden = true;
  byId("token-form").hidden = true;
  byId("token").value = "";
  byId("password").value = "";
  hush(
    "signup-result",
    "passcode-result",
    "password-result",
    "passkey-result",
    "addresses-result",
    "session-result",
    "sessions-result",
  );
  tell("leave-result", "ok", text);
  byId("step-signup").querySelector("h2").focus();
}
