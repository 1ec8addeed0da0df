// The playground: what each step may do follows from the configuration, the server and the session.

import * as account from "./account.js";
import * as addresses from "./addresses.js";
import { call } from "./api.js";
import { byId, element, onPress } from "./dom.js";
import { clear } from "./log.js";
import * as passkeys from "./passkeys.js";
import * as providers from "./providers.js";
import * as session from "./session.js";
import * as sessions from "./sessions.js";
import {
  allowsDeletion,
  allowsPasswords,
  allowsSignUp,
  isServed,
  onChange,
  restore,
  state,
  update,
  whyNotServed,
} from "./state.js";
import { timeLeft } from "./token.js";

const SECOND = 1000;
let ended = null; // the end that was noticed already: this machine's clock may differ from the server's

function show() {
  for (const button of document.querySelectorAll("[data-needs], [data-when]")) allow(button);
  byId("passcode-form").hidden = !state.passcode;
  byId("address-verify-form").hidden = !state.pending;
  if (state.pending) byId("address-code-label").textContent = `Passcode sent to ${state.pending.address}`;
  showWho();
  showProgress();
  showRules();
}

function allow(button) {
  const { needs, when, blocked, lead } = button.dataset;
  const reason = why(needs, when);
  const wasFocused = document.activeElement === button;
  button.disabled = Boolean(blocked || reason);
  button.title = reason;
  if (lead) button.classList.toggle("primary", (lead === "session") === Boolean(state.session));
  if (wasFocused && button.disabled) button.closest(".step")?.querySelector("h2").focus();
}

function why(needs, when) {
  if (needs && !isServed(needs)) return whyNotServed(needs);
  if (needs === "POST /users" && !allowsSignUp()) return "Sign-up is off (account.allow_signup)";
  if (needs === "DELETE /user" && !allowsDeletion()) return "Deletion is off (account.allow_deletion)";
  if (when === "session" && !state.session) return "Log in first";
  if (when === "nobody" && state.session) return "Log out first";
  if (when === "user" && !state.user) return "Sign up or find your account first: step 1";
  return "";
}

function showWho() {
  const who = document.querySelector(".who");
  who.dataset.signedIn = String(Boolean(state.session));
  byId("logout-top").hidden = !state.session;
  byId("password-username").value = state.user?.address ?? "";
  byId("who-name").textContent = state.session ? state.user?.address || state.session.user_id : "Signed out";
  showTimeLeft();
}

function showTimeLeft() {
  if (state.session) {
    const exp = Date.parse(state.session.expiration_time) / 1000;
    byId("who-detail").textContent = `Session: ${timeLeft({ exp })}`;
    if (exp * SECOND < Date.now() && ended !== exp) {
      ended = exp;
      session.refreshSession();
    }
  } else {
    byId("who-detail").textContent = state.user
      ? `Next: log in as ${state.user.address}`
      : "Start with step 1";
  }
}

function showProgress() {
  const done = {
    "step-signup": Boolean(state.user),
    "step-passcode": Boolean(state.session) && state.addresses.some((email) => email.is_verified),
    "step-password": Boolean(state.user) && state.user.id === state.passwordOf,
    "step-passkey": state.passkeys.length > 0,
    "step-addresses": state.addresses.length > 1,
  };
  for (const [id, isDone] of Object.entries(done)) {
    byId(id).dataset.done = String(isDone);
    byId(id).querySelector(".state").textContent = isDone ? " (done)" : "";
  }
  const next = !state.user ? "step-signup" : state.session ? null : "step-passcode";
  for (const step of document.querySelectorAll(".step")) {
    if (step.id === next) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

/** Say in the steps themselves what the configuration or the server lacks. */
function showRules() {
  const { config } = state;
  if (!config) return;
  const least = config.password.min_password_length;
  note(
    "passcode-hint",
    "/passcode/login/initialize",
    "A code by mail proves that the address is yours, and logs you in.",
  );
  note(
    "password-hint",
    "/password/login",
    `Set one while you are signed in, then log in with it. At least ${least} characters, at most 72 bytes: ` +
      "é takes two of them, an emoji four or more.",
  );
  note(
    "addresses-hint",
    "/emails",
    `One user may have up to ${config.emails.max_num_of_addresses}; ` + "the primary one gets the mails.",
  );
  note(
    "passkey-hint",
    "/webauthn/login/initialize",
    "Fingerprint, face or screen lock instead of a secret to remember.",
  );
  showDeletion();
  for (const id of ["password", "password-show"]) byId(id).disabled = !allowsPasswords();
  showSignUp();
}

function showDeletion() {
  const ends = "Logging out ends this session on the server; the token is worth nothing afterwards.";
  const off = [
    " Deletion is off: set account.allow_deletion, or start the server with ",
    element("code", {}, "ACCOUNT_ALLOWDELETION=true make run"),
    ".",
  ];
  byId("leave-hint").replaceChildren(ends, ...(allowsDeletion() ? [] : off));
}

function showSignUp() {
  byId("signup-title").textContent = allowsSignUp() ? "Sign up" : "Log in";
  byId("signup").hidden = !allowsSignUp();
  byId("signup").type = allowsSignUp() ? "submit" : "button";
  byId("lookup").type = allowsSignUp() ? "button" : "submit";
  byId("lookup").classList.toggle("primary", !allowsSignUp());
  byId("lookup").textContent = allowsSignUp() ? "I have an account" : "Find my account";
  byId("signup-hint").textContent = signUpHint();
}

function signUpHint() {
  if (state.session) return "You are signed in. Log out first to use another address.";
  if (!allowsSignUp()) return "Sign-up is off on this server (account.allow_signup).";
  return "Enter an address. Any will do: mails never leave this machine unless you configured a mail server.";
}

function note(id, path, text) {
  const served = isServed(`POST ${path}`);
  byId(id).textContent = served ? text : `${whyNotServed(path)}.`;
  byId(id).closest(".step").dataset.off = String(!served);
}

/** Passkeys belong to a relying party ID, which is a name: an IP address never fits one. */
function warnOfAddress() {
  if (!/^[\d.]+$|^\[/.test(location.hostname)) return;
  const banner = byId("banner");
  const url = new URL(location.href);
  url.hostname = "localhost";
  const link = document.createElement("a");
  link.href = url.href;
  link.textContent = url.href;
  banner.append("Passkeys don't work at an IP address. Open ", link, " instead.");
  banner.hidden = false;
}

async function start() {
  for (const heading of document.querySelectorAll(".step h2")) heading.tabIndex = -1;
  restore();
  warnOfAddress();
  onPress("log-clear", clear);
  account.start();
  addresses.start();
  providers.start();
  session.start();
  sessions.start();
  await passkeys.start();
  onChange(show); // last: it looks at the buttons that the others have made
  show();
  const answer = await call("GET /.well-known/config");
  if (answer.ok) update({ config: answer.data });
  await providers.comeBack();
  await session.refreshSession();
  setInterval(showTimeLeft, SECOND);
  document.documentElement.dataset.ready = "true";
}

start();
