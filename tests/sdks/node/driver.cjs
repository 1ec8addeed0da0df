// Calls the SDK that is installed in the folder of the first argument: a line of JSON in, a line of JSON out.
const { createRequire } = require("node:module");
const { dirname, join } = require("node:path");
const { createInterface } = require("node:readline");

const load = createRequire(join(process.argv[2], "package.json"));
const { SDK, Config } = load("@corbado/node-sdk");
const errors = load("@corbado/node-sdk/errors");
// No part of the package's front, but of what it ships: the client of every operation, and the names of errors.
const shipped = dirname(load.resolve("@corbado/node-sdk"));
const generated = load(join(shipped, "generated", "index.js"));
const { ValidationErrorNames } = load(join(shipped, "errors", "validationError.js"));

const env = process.env;
const sdk = new SDK(
  new Config(env.CORBADO_PROJECT_ID, env.CORBADO_API_SECRET, env.CORBADO_FRONTEND_API, env.CORBADO_BACKEND_API),
);
const services = { users: sdk.users(), identifiers: sdk.identifiers(), sessions: sdk.sessions() };

async function call({ service, api, method, args }) {
  if (service) return services[service][method](...args);
  const client = new generated[api](undefined, "", sdk.axiosClient);
  return (await client[method](...args)).data;
}

function describe(error) {
  const kinds = ["ServerError", "ValidationError", "BaseError"];
  return {
    kind: kinds.find((name) => error instanceof errors[name]) ?? error.name,
    name: error.name,
    message: error.message,
    status: error.httpStatusCode ?? error.statusCode ?? error.response?.status ?? 0,
    validation: error.getValidationMessages?.() ?? [],
    requestID: error.getRequestId?.() ?? "",
    runtime: error.getRuntime?.() ?? 0,
    type: error.getError?.()?.type ?? "",
    body: error.response?.data ?? null,
  };
}

function methods(object) {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== "constructor");
}

function inventory() {
  const apis = Object.entries(generated).filter(([name, value]) => /.Api$/.test(name) && value.prototype);
  return {
    services: Object.fromEntries(Object.entries(services).map(([name, value]) => [name, methods(value)])),
    apis: Object.fromEntries(
      apis.map(([name, value]) => [name, methods(new value(undefined, "", sdk.axiosClient))]),
    ),
    errors: Object.keys(errors).filter((name) => typeof errors[name] === "function"),
    refusals: Object.values(ValidationErrorNames),
  };
}

async function answer(line) {
  const request = JSON.parse(line);
  if (request.inventory) return { result: inventory() };
  try {
    return { result: (await call(request)) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
});
