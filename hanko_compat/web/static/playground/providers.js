// Log-in with other providers: there, and back with a one-time token or an error.

import { call } from "./api.js";
import { byId, onPress, onSend, tell } from "./dom.js";

export function start() {
  for (const button of document.querySelectorAll("[data-provider]")) {
    onPress(button.id, () => leave("thirdparty/auth", { provider: button.dataset.provider }));
  }
  if (byId("saml-form")) onSend("saml-form", logInAtCompany);
}

/** What the browser has brought back is used up, and taken out of the address. */
export async function comeBack() {
  const brought = new URLSearchParams(location.search);
  if (!byId("providers-result") || !(brought.has("hanko_token") || brought.has("error"))) return;
  history.replaceState(null, "", location.pathname);
  byId("step-providers").scrollIntoView({ block: "center" });
  if (brought.has("error")) {
    const text = `${brought.get("error")}: ${brought.get("error_description") ?? "no description"}`;
    return tell("providers-result", "error", text);
  }
  const answer = await call("POST /token", { body: { value: brought.get("hanko_token") } });
  if (!answer.ok) return tell("providers-result", "error", answer.message);
  tell("providers-result", "ok", "The one-time token is traded for a session.");
}

async function logInAtCompany() {
  const domain = byId("domain").value.trim();
  const answer = await call("GET /saml/provider", { query: { domain } });
  if (!answer.ok) return tell("providers-result", "error", answer.message);
  leave("saml/auth", { domain });
}

function leave(path, parameters) {
  const url = new URL(path, document.baseURI);
  const backTo = new URL(location.pathname, document.baseURI).href;
  url.search = new URLSearchParams({ ...parameters, redirect_to: backTo });
  location.assign(url);
}
