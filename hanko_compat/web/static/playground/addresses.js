// Step 5: addresses, listed, added, verified, made primary and deleted.

import { call } from "./api.js";
import { byId, element, onPress, onSend, tell } from "./dom.js";
import { newestCode } from "./mailbox.js";
import { refusal } from "./passcode_refusal.js";
import { refreshSession } from "./session.js";
import { onChange, state, tokenIsOlder, update } from "./state.js";

const RESULT = "addresses-result";

export function start() {
  onSend("address-form", add);
  onPress("address-list", async () => {
    if (await list()) tell(RESULT, "ok", `You have ${state.addresses.length} of them.`);
  });
  onSend("address-verify-form", verify);
  onPress("address-fetch", fetchCode);
  onChange(showList);
}

async function add() {
  const address = byId("address").value.trim();
  const answer = await call("POST /emails", { body: { address } });
  if (!answer.ok) {
    const isOwn = state.addresses.some((email) => email.address === address.toLowerCase());
    return tell(RESULT, "error", answer.message + (isOwn ? " You have this address already." : ""));
  }
  byId("address").value = "";
  if (answer.data.user_id) {
    tell(RESULT, "ok", `${address} is yours.`);
    await list({ follow: true });
  } else {
    await sendCode({ id: answer.data.id, address });
  }
}

async function sendCode({ id, address }) {
  const body = { user_id: state.session.user_id, email_id: id };
  const answer = await call("POST /passcode/login/initialize", { body });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  update({ pending: { id, address, passcodeId: answer.data.id, sentAt: answer.data.created_at } });
  tell(RESULT, "note", `A passcode is on its way to ${address}. It proves that the address is yours.`);
  byId("address-code").value = "";
  byId("address-code").focus();
}

async function fetchCode() {
  const { code, reason } = await newestCode(state.pending);
  if (!code) return tell(RESULT, "note", reason);
  byId("address-code").value = code;
  tell(RESULT, "note", "Taken from the newest mail.");
  byId("address-verify").focus();
}

async function verify() {
  const { passcodeId: id, address } = state.pending;
  const answer = await call("POST /passcode/login/finalize", {
    body: { id, code: byId("address-code").value.trim() },
  });
  if (!answer.ok) return refuse(answer);
  update({ pending: null });
  tell(RESULT, "ok", `${address} is verified. The passcode has brought a new session, too.`);
  await refreshSession();
  byId("address").focus();
}

function refuse(answer) {
  const { text, wrong, isOver } = refusal(answer, state.pending);
  if (!isOver) {
    tell(RESULT, "error", text);
    update({ pending: { ...state.pending, wrong } });
    return byId("address-code").select();
  }
  tell(RESULT, "error", `${text} Add the address again for a new one.`);
  byId("address").value = state.pending.address;
  update({ pending: null });
  byId("address").focus();
}

async function list({ follow = false } = {}) {
  const answer = await call("GET /emails", { follow });
  if (answer.ok) know(answer.data);
  else tell(RESULT, "error", answer.message);
  return answer.ok;
}

function know(addresses) {
  const primary = addresses.find((email) => email.is_primary);
  const user = primary ? { ...state.user, emailId: primary.id, address: primary.address } : state.user;
  update({ addresses, user });
}

function showList() {
  const items = byId("addresses");
  const shown = JSON.stringify(state.addresses);
  if (items.dataset.shown === shown) return;
  items.dataset.shown = shown;
  items.replaceChildren(...state.addresses.map(item));
}

function item(email, index) {
  const { address, is_primary: isPrimary, is_verified: isVerified } = email;
  const button = (id, label, work, needs, className = "quiet") =>
    element(
      "button",
      {
        type: "button",
        class: className,
        id: `${id}-${index}`,
        "aria-label": `${label}: ${address}`,
        "data-needs": needs,
        onclick: work,
      },
      label,
    );
  return element(
    "li",
    { class: "row" },
    element(
      "p",
      {},
      element("span", { class: "address" }, address),
      isPrimary ? element("span", { class: "badge" }, "primary") : null,
      isVerified ? null : element("span", { class: "badge open" }, "not verified"),
    ),
    isVerified
      ? null
      : button("address-send", "Verify", () => sendCode(email), "POST /passcode/login/initialize"),
    isPrimary
      ? null
      : button("address-primary", "Make primary", () => makePrimary(email), "POST /emails/{id}/set_primary"),
    button("address-delete", "Delete", () => remove(email), "DELETE /emails/{id}", "quiet danger"),
  );
}

async function makePrimary({ id, address }) {
  const answer = await call("POST /emails/{id}/set_primary", { id });
  if (!answer.ok) return tell(RESULT, "error", answer.message);
  await list({ follow: true });
  tell(RESULT, "ok", `${address} is the primary address. ${tokenIsOlder()}`.trim());
}

async function remove({ id, address }) {
  const answer = await call("DELETE /emails/{id}", { id });
  if (!answer.ok) {
    const more = answer.status === 409 ? " Make another one primary first." : "";
    return tell(RESULT, "error", answer.message + more);
  }
  tell(RESULT, "ok", `${address} is deleted.`);
  await list({ follow: true });
  byId("address").focus();
}
