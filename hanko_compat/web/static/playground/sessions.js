// Step 7: all sessions of the user, listed and ended.

import { call } from "./api.js";
import { byId, element, onPress, tell } from "./dom.js";
import { leave } from "./session.js";
import { onChange, state, update } from "./state.js";

const RESULT = "sessions-result";

export function start() {
  onPress("sessions-list", async () => {
    if (await list()) tell(RESULT, "ok", `You have ${counted(state.sessions.length)}.`);
  });
  onPress("sessions-end-others", endOthers);
  onChange(showList);
}

const counted = (number) => (number === 1 ? "1 session: this one" : `${number} sessions`);

async function list({ follow = false } = {}) {
  const answer = await call("GET /sessions", { follow });
  if (answer.ok) update({ sessions: answer.data });
  else tell(RESULT, "error", answer.message + (answer.status === 404 ? " See session.show_on_profile." : ""));
  return answer.ok;
}

function showList() {
  const items = byId("sessions");
  const shown = JSON.stringify(state.sessions);
  if (items.dataset.shown === shown) return;
  items.dataset.shown = shown;
  items.replaceChildren(...state.sessions.map(item));
}

const told = (time) => new Date(time).toLocaleString();

function item(session, index) {
  const { user_agent: browser, ip_address: address, created_at: start, last_used: used } = session;
  const name = session.is_current ? "this session" : `the session of ${told(start)}`;
  return element(
    "li",
    {},
    element(
      "div",
      { class: "row" },
      element(
        "p",
        {},
        element("span", { class: "address" }, `Since ${told(start)}`),
        session.is_current ? element("span", { class: "badge" }, "this one") : null,
      ),
      element(
        "button",
        {
          type: "button",
          class: "quiet danger",
          id: `session-end-${index}`,
          "aria-label": `End ${name}`,
          "data-needs": "DELETE /sessions/{id}",
          onclick: () => end(session),
        },
        "End",
      ),
    ),
    element(
      "p",
      { class: "hint" },
      [browser, address && `from ${address}`, `used ${told(used)}`].filter(Boolean).join(", "),
    ),
  );
}

async function end({ id, is_current: isCurrent }) {
  const answer = await call("DELETE /sessions/{id}", { id });
  if (!answer.ok) return refused(answer, " It has ended already, or see session.allow_revocation.");
  if (isCurrent) return leave("This session has ended on the server.");
  tell(RESULT, "ok", "That session has ended: its token is worth nothing now.");
  await list({ follow: true });
  byId("sessions-list").focus();
}

async function endOthers() {
  const answer = await call("DELETE /sessions");
  if (!answer.ok) return refused(answer, " See session.allow_revocation.");
  tell(RESULT, "ok", "All other sessions have ended.");
  await list({ follow: true });
}

function refused({ message, status }, hint) {
  tell(RESULT, "error", message + (status === 404 ? hint : ""));
}
