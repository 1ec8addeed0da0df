import { register } from "./elements.js";

const { hanko } = await register("http://localhost:8000");

const show = (name) => {
  for (const each of ["auth", "profile"]) document.querySelector(`hanko-${each}`).hidden = each !== name;
  document.querySelector("#actions").hidden = name !== "profile";
};

hanko.onAuthFlowCompleted(() => show("profile"));
hanko.onUserLoggedOut(() => show("auth"));
document.querySelector("#log-out").addEventListener("click", () => hanko.user.logout());
