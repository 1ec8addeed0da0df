// The SDK as a frontend without the elements has it; a test asks for one call after the other:
// /frontend/sdk.html?api=URL&options=JSON
import * as sdk from "/packages/hanko-frontend-sdk-0.12.0/dist/sdk.modern.js";

const asked = new URLSearchParams(location.search);
const hanko = new sdk.Hanko(asked.get("api"), JSON.parse(asked.get("options")));

const heard = [];
const listeners = ["onSessionCreated", "onSessionExpired", "onUserLoggedOut", "onUserDeleted", "onAuthFlowCompleted"];
for (const listener of listeners) {
  hanko[listener]((detail) => heard.push([listener, detail]));
}

const errors = Object.entries(sdk).filter(([, type]) => type.prototype instanceof Error);

/** Tells of an error what its type promises; the name is the one that the package exports. */
function described(error) {
  const [name] = errors.find(([, type]) => Object.getPrototypeOf(error) === type.prototype) ?? [`not of the SDK: ${error}`];
  const { code, retryAfter, cause } = error;
  return { name, code, ...(retryAfter !== undefined && { retryAfter }), ...(cause && { cause: cause.name }) };
}

/** Calls a method, such as "user.getInfo"; gives back {value} or {error}. A null among the arguments is undefined. */
async function call(path, args) {
  const [owner, method] = path.split(".");
  const target = owner === "WebauthnSupport" ? sdk.WebauthnSupport : hanko[owner];
  try {
    return { value: (await target[method](...args.map((arg) => arg ?? undefined))) ?? null };
  } catch (error) {
    return { error: described(error) };
  }
}

/** Names all methods of the SDK's objects, as "user.getInfo". */
function methods() {
  const named = (object, prefix) => {
    const names = new Set();
    for (let at = object; at && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) {
        if (typeof object[name] === "function" && name !== "constructor" && !name.startsWith("_")) {
          names.add(prefix + name);
        }
      }
    }
    return [...names];
  };
  const owners = Object.keys(hanko).filter((name) => typeof hanko[name] === "object" && !name.startsWith("_"));
  return [
    ...named(hanko, ""),
    ...named(sdk.WebauthnSupport, "WebauthnSupport."),
    ...owners.flatMap((owner) => named(hanko[owner], `${owner}.`)),
  ].sort();
}

window.harness = { call, heard, methods, errors: errors.map(([name]) => name), hanko };
