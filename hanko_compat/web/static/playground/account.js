// Steps 1 to 3: sign up or look up, verify by passcode, password.

import { call } from "./api.js";
import { byId, hush, onPress, onSend, tell } from "./dom.js";
import { newestCode } from "./mailbox.js";
import { refusal } from "./passcode_refusal.js";
import { refreshSession } from "./session.js";
import { allowsPasswords, allowsSignUp, needsVerification, state, update } from "./state.js";

export function start() {
  onSend("signup-form", () => (allowsSignUp() ? signUp() : lookUp()));
  onPress("lookup", lookUp);
  onPress("passcode-send", sendPasscode);
  onSend("passcode-form", finishPasscode);
  onPress("passcode-fetch", fetchPasscode);
  onSend("password-form", logIn);
  onPress("password-set", setPassword);
  byId("password-show").addEventListener("click", togglePassword);
  byId("email").addEventListener("input", () => {
    if (state.user && !state.session && state.user.address !== address())
      update({ user: null, passcode: null });
  });
  if (state.user) byId("email").value = state.user.address;
}

const address = () => byId("email").value.trim();

async function signUp() {
  const email = address();
  const answer = await call("POST /users", { body: { email } });
  if (!answer.ok) {
    const more = answer.status === 409 ? " Press “I have an account” to go on with it." : "";
    return tell("signup-result", "error", answer.message + more);
  }
  const { user_id: id, email_id: emailId } = answer.data;
  update({ user: { id, emailId, address: email }, passcode: null });
  if (needsVerification()) {
    tell("signup-result", "ok", "Signed up. Now prove that the address is yours: step 2.");
    byId("passcode-send").focus();
  } else {
    tell("signup-result", "ok", "Signed up and logged in: addresses need no verification here.");
    await refreshSession();
  }
}

async function lookUp() {
  const email = address();
  const answer = await call("POST /user", { body: { email } });
  if (!answer.ok) {
    const more = answer.status === 404 ? " Nobody has verified this address yet: sign up with it." : "";
    return tell("signup-result", "error", answer.message + more);
  }
  const { id, email_id: emailId, has_webauthn_credential: hasPasskey } = answer.data;
  update({ user: { id, emailId, address: email }, passcode: null });
  const ways = hasPasskey ? "a passcode, a password or a passkey" : "a passcode or a password";
  tell("signup-result", "ok", `Found. Log in with ${ways}.`);
  byId("passcode-send").focus();
}

async function sendPasscode() {
  const { id, emailId, address: to } = state.user;
  const body = emailId ? { user_id: id, email_id: emailId } : { user_id: id };
  const answer = await call("POST /passcode/login/initialize", { body });
  if (!answer.ok) return tell("passcode-result", "error", answer.message);
  update({ passcode: { id: answer.data.id, address: to, sentAt: answer.data.created_at } });
  tell(
    "passcode-result",
    "note",
    `Sent to ${to}. It is good for ${Math.round(answer.data.ttl / 60)} minutes.`,
  );
  byId("passcode").value = "";
  byId("passcode").focus();
}

async function fetchPasscode() {
  const { code, reason } = await newestCode(state.passcode);
  if (!code) return tell("passcode-result", "note", reason);
  byId("passcode").value = code;
  tell("passcode-result", "note", "Taken from the newest mail.");
  byId("passcode-finish").focus();
}

async function finishPasscode() {
  const body = { id: state.passcode.id, code: byId("passcode").value.trim() };
  const answer = await call("POST /passcode/login/finalize", { body });
  if (!answer.ok) return refuse(answer);
  update({ passcode: null });
  tell("passcode-result", "ok", "The address is verified, and you are logged in.");
  hush("signup-result");
  await refreshSession();
  byId("step-password")
    .querySelector(allowsPasswords() ? "input" : "h2")
    .focus();
}

function refuse(answer) {
  const { text, wrong, isOver } = refusal(answer, state.passcode);
  tell("passcode-result", "error", isOver ? `${text} Send a new one.` : text);
  update({ passcode: isOver ? null : { ...state.passcode, wrong } });
  if (isOver) byId("passcode-send").focus();
  else byId("passcode").select();
}

async function setPassword() {
  const body = { user_id: state.session.user_id, password: byId("password").value };
  const answer = await call("PUT /password", { body });
  if (!answer.ok) return tell("password-result", "error", answer.message);
  const text = answer.status === 201 ? "The password is set." : "The password is changed.";
  update({ passwordOf: state.session.user_id });
  tell("password-result", "ok", `${text} Your other sessions have ended.`);
}

async function logIn() {
  const body = { user_id: state.user.id, password: byId("password").value };
  const answer = await call("POST /password/login", { body });
  if (!answer.ok) {
    const meaning = " The password is wrong, or this user has none: a passcode logs you in, too.";
    return tell("password-result", "error", answer.message + (answer.status === 401 ? meaning : ""));
  }
  update({ passwordOf: body.user_id });
  tell("password-result", "ok", "Logged in with the password.");
  await refreshSession();
}

function togglePassword() {
  const field = byId("password");
  const isShown = field.type === "password";
  field.type = isShown ? "text" : "password";
  byId("password-show").setAttribute("aria-pressed", String(isShown));
  byId("password-show").textContent = isShown ? "Hide" : "Show";
}
