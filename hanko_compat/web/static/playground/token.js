// Session tokens: decoded, and verified with WebCrypto (RFC 7515, RFC 7517, RFC 7518).

import { fromBase64url } from "./base64url.js";

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

export function isToken(text) {
  if (!/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/.test(text)) return false;
  try {
    return Boolean(decode(text));
  } catch {
    return false;
  }
}

/** The header and the claims of a token; throws where it is none. */
export function decode(token) {
  const [header, claims] = token.split(".").map((part, index) => (index < 2 ? json(part) : part));
  return { header, claims };
}

const json = (part) => JSON.parse(new TextDecoder().decode(fromBase64url(part)));

/** "11 h 59 min left", by this machine's clock. */
export function timeLeft({ exp }) {
  if (!exp) return "without an end";
  const seconds = Math.round(exp - Date.now() / 1000);
  return seconds > 0 ? `${duration(seconds)} left` : `ended ${duration(-seconds)} ago`;
}

export function duration(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Whether one of *keys* (a JWKS's) signed *token*: {isValid, reason}. The key decides on the algorithm. */
export async function verify(token, keys) {
  if (!globalThis.crypto?.subtle) {
    return { isValid: false, reason: "WebCrypto works over HTTPS or on localhost only." };
  }
  let header;
  try {
    ({ header } = decode(token));
  } catch {
    return { isValid: false, reason: "This is no token: header and claims can't be read." };
  }
  const key = keys.find(({ kid }) => kid === header.kid);
  if (!key) return { isValid: false, reason: `No published key has the kid ${header.kid}.` };
  if (key.alg !== header.alg)
    return { isValid: false, reason: `The key is for ${key.alg}, not ${header.alg}.` };
  return check(token, key);
}

async function check(token, key) {
  const algorithm = ALGORITHMS[key.alg];
  const [header, claims, signature] = token.split(".");
  try {
    const { kty, n, e, crv, x, y } = key;
    const imported = await crypto.subtle.importKey("jwk", { kty, n, e, crv, x, y }, algorithm, false, [
      "verify",
    ]);
    const signed = new TextEncoder().encode(`${header}.${claims}`);
    const isValid = await crypto.subtle.verify(algorithm, imported, fromBase64url(signature), signed);
    return {
      isValid,
      reason: isValid ? `Signed with ${key.alg} by key ${key.kid}.` : "The signature does not fit.",
    };
  } catch (error) {
    return { isValid: false, reason: `This browser can't check ${key.alg}: ${error.message || error.name}` };
  }
}
