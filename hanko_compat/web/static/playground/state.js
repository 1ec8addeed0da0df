// What the page knows, kept over a reload of the tab; who listens is told of each change.

const KEY = "hanko_compat.playground";
const listeners = new Set();

export const state = {
  config: null, // the answer of /.well-known/config
  user: null, // {id, emailId, address}: of step 1, or of the session
  session: null, // the answer of /sessions/validate while it is valid
  profile: null, // the answer of /me
  passcode: null, // {id, address}: sent, not used yet
  pending: null, // {id, address, passcodeId}: an address to verify
  passkeys: [],
  addresses: [],
  sessions: [],
  passwordOf: null, // the user who has set a password here, or logged in with one
  bearer: null, // where the server hands tokens out in a header instead of a cookie
};

/** What is known where nobody is signed in. */
export const NOBODY = {
  session: null,
  profile: null,
  passkeys: [],
  addresses: [],
  sessions: [],
  pending: null,
  bearer: null,
};

const KEPT = ["user", "passcode", "pending", "passwordOf", "bearer"];

export function update(changes) {
  Object.assign(state, changes);
  const kept = Object.fromEntries(KEPT.map((name) => [name, state[name]]));
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  for (const listener of listeners) listener();
}

export function onChange(listener) {
  listeners.add(listener);
}

export function restore() {
  try {
    Object.assign(state, JSON.parse(sessionStorage.getItem(KEY) ?? "{}"));
  } catch {
    sessionStorage.removeItem(KEY);
  }
}

const served = new Set(JSON.parse(document.getElementById("served").textContent));

/** Whether the server has an endpoint, such as "DELETE /emails/{id}". */
export const isServed = (endpoint) => served.has(endpoint);

// What switches off endpoints whose paths begin so: the server has none of them then.
const SWITCHES = {
  "/passcode/": "Passcodes are off on this server (email.enabled or email.use_for_authentication)",
  "/password": "Passwords are off on this server (password.enabled)",
  "/webauthn/": "Passkeys are off on this server (passkey.enabled)",
};

/** Why the server lacks an endpoint. */
export function whyNotServed(endpoint) {
  const path = endpoint.split(" ").at(-1);
  const start = Object.keys(SWITCHES).find((each) => path.startsWith(each));
  return SWITCHES[start] ?? `This server doesn't serve ${endpoint}`;
}

export const allowsDeletion = () => state.config?.account.allow_deletion ?? true;
export const allowsSignUp = () => state.config?.account.allow_signup ?? true;
export const allowsPasswords = () => state.config?.password.enabled ?? true;
export const needsVerification = () => state.config?.emails.require_verification ?? true;

/** A token is signed once: that its address is no longer the primary one, or "". */
export function tokenIsOlder() {
  const old = state.session?.claims.email?.address;
  const primary = state.user?.address;
  if (!old || !primary || old === primary) return "";
  return `The session token still carries ${old}: the next log-in brings one with ${primary}.`;
}
