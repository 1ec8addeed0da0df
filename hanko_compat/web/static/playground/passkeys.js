// Step 4: passkeys, created, logged in with, renamed and deleted.

import { call } from "./api.js";
import { byId, element, onPress, tell } from "./dom.js";
import { refreshSession } from "./session.js";
import { isServed, onChange, state, update } from "./state.js";
import * as webauthn from "./webauthn.js";

const RESULT = "passkey-result";

export async function start() {
  onPress("passkey-create", create);
  onPress("passkey-login", logIn);
  onPress("passkey-list", async () => {
    if (await list()) tell(RESULT, "ok", `You have ${state.passkeys.length} of them.`);
  });
  onChange(showList);
  const missing = webauthn.obstacle();
  if (missing) {
    byId("passkey-create").dataset.blocked = byId("passkey-login").dataset.blocked = "true";
    tell(RESULT, "note", missing);
  } else if (isServed("POST /webauthn/login/initialize") && (await webauthn.hasConditionalMediation())) {
    byId("passkey-autofill-row").hidden = false;
    byId("email").addEventListener("focus", offer);
    byId("passkey-autofill").addEventListener("change", webauthn.stopWaiting);
  }
}

async function create() {
  const options = await call("POST /webauthn/registration/initialize");
  if (!options.ok) return tell(RESULT, "error", options.message);
  const credential = await ceremony(() => webauthn.create(options.data));
  if (!credential) return;
  const answer = await call("POST /webauthn/registration/finalize", { body: credential });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  tell(RESULT, "ok", "The passkey is registered. Log out, and log in with it.");
  await list({ follow: true });
}

async function logIn() {
  const known = state.user && !state.session ? { user_id: state.user.id } : undefined;
  const options = await call("POST /webauthn/login/initialize", { body: known });
  if (!options.ok) return tell(RESULT, "error", options.message);
  const credential = await ceremony(() => webauthn.get(options.data));
  if (credential) await finish(credential);
}

/** Offer passkeys in the address field, once it is used by somebody who is signed out. */
async function offer() {
  if (state.session || webauthn.isWaiting() || !byId("passkey-autofill").checked) return;
  const options = await call("POST /webauthn/login/initialize", { follow: true });
  if (!options.ok) return;
  try {
    await finish(await webauthn.getConditionally(options.data));
  } catch (error) {
    if (error.name !== "AbortError") webauthn.stopWaiting();
  }
}

async function finish(credential) {
  const answer = await call("POST /webauthn/login/finalize", { body: credential });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  tell(RESULT, "ok", "Logged in with the passkey.");
  await refreshSession();
}

async function ceremony(work) {
  tell(RESULT, "note", "Waiting for your device…");
  try {
    return await work();
  } catch (error) {
    tell(RESULT, "error", webauthn.meaning(error));
    return undefined;
  }
}

async function list({ follow = false } = {}) {
  const answer = await call("GET /webauthn/credentials", { follow });
  if (answer.ok) update({ passkeys: answer.data });
  else tell(RESULT, "error", answer.message);
  return answer.ok;
}

function showList() {
  const items = byId("passkeys");
  const shown = JSON.stringify(state.passkeys);
  if (items.dataset.shown === shown) return;
  items.dataset.shown = shown;
  items.replaceChildren(...state.passkeys.map(item));
}

function item(passkey, index) {
  const used = passkey.last_used_at
    ? `used ${new Date(passkey.last_used_at).toLocaleString()}`
    : "never used";
  const name = passkey.name || `Passkey ${index + 1}`;
  const field = element("input", {
    id: `passkey-name-${index}`,
    value: name,
    maxlength: "64",
    autocomplete: "off",
  });
  const form = element(
    "form",
    { class: "together", novalidate: true, "aria-label": `Rename ${name}` },
    element("label", { for: field.id, class: "hidden" }, `Name of ${name}`),
    field,
    element("button", { type: "submit", id: `passkey-rename-${index}` }, "Rename"),
    element(
      "button",
      {
        type: "button",
        class: "quiet danger",
        id: `passkey-delete-${index}`,
        "aria-label": `Delete ${name}`,
        onclick: () => remove(passkey),
      },
      "Delete",
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    rename(passkey, field.value);
  });
  const kind = passkey.backup_state ? "synced" : "on one device";
  return element("li", {}, form, element("p", { class: "hint" }, `${kind}, ${used}`));
}

async function rename({ id }, name) {
  const answer = await call("PATCH /webauthn/credentials/{id}", { id, body: { name } });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  tell(RESULT, "ok", `It is called ${name} now.`);
  await list({ follow: true });
}

async function remove({ id }) {
  const answer = await call("DELETE /webauthn/credentials/{id}", { id });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  tell(RESULT, "ok", "The server has forgotten the passkey. Your device may still show it.");
  await list({ follow: true });
  byId("passkey-create").focus();
}
