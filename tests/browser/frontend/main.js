// What the original's documentation tells a site to do with its elements:
// /frontend/?show=auth|profile&api=URL&passkeys=off&experimental=NAME
import { register } from "/packages/hanko-elements-0.12.0/dist/elements.js";

const asked = new URLSearchParams(location.search);

const events = document.querySelector("hanko-events");
const names = ["onSessionCreated", "onAuthFlowCompleted", "onSessionExpired", "onUserLoggedOut", "onUserDeleted"];
for (const name of names) {
  events.addEventListener(name, ({ detail }) => {
    const line = document.createElement("li");
    line.textContent = `${name} ${JSON.stringify(detail ?? {})}`;
    document.querySelector("#events").append(line);
  });
}

const { hanko } = await register(asked.get("api") ?? location.origin, {
  enablePasskeys: asked.get("passkeys") !== "off",
});
const element = document.createElement(`hanko-${asked.get("show") ?? "auth"}`);
if (asked.has("experimental")) element.setAttribute("experimental", asked.get("experimental"));
document.querySelector("main").append(element);

const logout = document.querySelector("button");
logout.addEventListener("click", () => hanko.user.logout());
logout.hidden = false;
