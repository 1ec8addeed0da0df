// An OpenID provider for tests: npm's oidc-provider, told over a second port who its accounts and clients are, when
// to change its signing key, and how to fail. provider.mjs PACKAGES PORT CONTROL_PORT CERTIFICATE KEY
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, port, controlPort, certificate, key] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(createRequire(join(packages, "/")).resolve(name)));
const { default: Provider } = await load("oidc-provider");
const { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } = await load("jose");

const ISSUER = `https://localhost:${port}`;
const ROUTES = { authorization: "/authorize", token: "/token", userinfo: "/userinfo", jwks: "/keys" };
const NO_CLAIM = new Set(["iss", "aud", "exp", "iat", "sid", "nonce", "at_hash", "auth_time"]);

const state = { accounts: {}, clients: {}, faults: {}, requirePkce: true, takesBasic: true };
let keys = [await newKey()];
let provider;
let requests = [];

async function newKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const kid = `key-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  return { ...(await exportJWK(privateKey)), alg: "RS256", use: "sig", kid };
}

/** Build the provider from what it was told. What it has issued outlives it, in the memory of its library. */
function build() {
  provider = new Provider(ISSUER, {
    routes: ROUTES,
    jwks: { keys },
    clients: Object.entries(state.clients).map(([client_id, client]) => ({ client_id, ...client })),
    cookies: { keys: ["a secret of tests"] },
    pkce: { methods: ["S256"], required: () => state.requirePkce },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/log-in/${interaction.uid}` },
    claims: { openid: ["sub", ...customClaims()], email: ["email", "email_verified"], profile: PROFILE },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...state.accounts[sub] }) }),
    loadExistingGrant: grantAll,
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.use(note);
  provider.use(fail);
  provider.use(logIn);
}

const PROFILE = ["name", "given_name", "family_name", "preferred_username", "picture", "locale", "updated_at"];

/** Names of claims that no scope of the standard has: given out with "openid". */
function customClaims() {
  const names = new Set(Object.values(state.accounts).flatMap((claims) => Object.keys(claims)));
  const standard = new Set([...PROFILE, ...NO_CLAIM, "sub", "email", "email_verified"]);
  return [...names].filter((name) => !standard.has(name));
}

async function grantAll(ctx) {
  const { client, session, params } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(params.scope);
  await grant.save();
  return grant;
}

/** Remember who asked what. */
async function note(ctx, next) {
  await next();
  const { authorization = "" } = ctx.headers;
  requests.push({
    method: ctx.method,
    path: ctx.path,
    query: { ...ctx.query },
    form: { ...ctx.oidc?.body },
    authorization: authorization.split(" ")[0],
    status: ctx.status,
  });
}

/** Answer as a provider does that is slow, broken, or not to be trusted. */
async function fail(ctx, next) {
  if (!state.takesBasic && ctx.path === ROUTES.token && ctx.headers.authorization) {
    ctx.status = 401;
    ctx.body = { error: "invalid_client" };
    return undefined;
  }
  const fault = state.faults[ctx.path];
  if (!fault) return next();
  if (fault.wait) await new Promise((resolve) => setTimeout(resolve, fault.wait * 1000));
  if (fault.closes) return ctx.res.destroy();
  if (fault.hangs || fault.drips) {
    ctx.respond = false;
    if (fault.drips) drip(ctx.res);
    return undefined;
  }
  if (fault.status === undefined && fault.body === undefined) await next();
  if (fault.status !== undefined) ctx.status = fault.status;
  if (fault.body !== undefined) ctx.body = fault.body;
  if (fault.type !== undefined) ctx.type = fault.type;
  if (fault.id_token && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await altered(ctx.body.id_token, fault.id_token) };
  }
  if (fault.set || fault.remove) {
    const told = typeof ctx.body === "string" ? JSON.parse(ctx.body) : ctx.body;
    ctx.body = changed(told, fault);
  }
  return undefined;
}

function drip(response) {
  response.writeHead(200, { "Content-Type": "application/json" });
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
}

function changed(members, { set = {}, remove = [] }) {
  return Object.fromEntries(Object.entries({ ...members, ...set }).filter(([name]) => !remove.includes(name)));
}

/** Sign other claims: with the key in use, with one that nobody knows, or with none. */
async function altered(token, change) {
  const claims = changed(decodeJwt(token), change);
  if (change.key === "none") return new UnsecuredJWT(claims).encode();
  const jwk = change.key === "unknown" ? await newKey() : keys[0];
  const kid = change.key === "unknown" ? keys[0].kid : jwk.kid;
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(await importJWK(jwk, "RS256"));
}

/** The page on which somebody says who they are. */
async function logIn(ctx, next) {
  if (!ctx.path.startsWith("/log-in/")) return next();
  if (ctx.method === "GET") {
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    ctx.type = "html";
    ctx.body = page(params.login_hint ?? "");
    return undefined;
  }
  const form = new URLSearchParams(await text(ctx.req));
  const denied = { error: "access_denied", error_description: "The user said no." };
  const result = form.get("answer") === "no" ? denied : { login: { accountId: form.get("account") } };
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result);
  return undefined;
}

const page = (account) => `<!doctype html>
<html lang="en">
  <title>A provider for tests</title>
  <form method="post">
    <label>Account <input name="account" value="${account.replaceAll(/[^\w-]/g, "")}" /></label>
    <button name="answer" value="yes">Log in</button>
    <button name="answer" value="no">Cancel</button>
  </form>
</html>`;

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** PUT changes what this server knows; POST makes a new signing key; GET tells what was asked, DELETE forgets it. */
async function control(request, response) {
  let told = {};
  if (request.method === "PUT") Object.assign(state, JSON.parse(await text(request)));
  if (request.method === "POST") keys = [await newKey(), ...(request.url === "/keep" ? keys : [])];
  if (request.method === "GET") told = { requests };
  if (request.method === "DELETE") requests = [];
  if (request.method === "PUT" || request.method === "POST") build();
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(told));
}

build();
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
createTlsServer(tls, (request, response) => provider.callback()(request, response)).listen(port, "127.0.0.1");
createServer(control).listen(controlPort, "127.0.0.1");
