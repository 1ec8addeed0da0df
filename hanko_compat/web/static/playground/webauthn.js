// WebAuthn Level 3 ceremonies: JSON of the server to the browser's objects, and back.

import { fromBase64url, toBase64url } from "./base64url.js";

let waiting = null; // the conditional request, which any other ceremony has to end first

/** Why there are no passkeys here; "" where there are. */
export function obstacle() {
  if (!globalThis.isSecureContext) return "Passkeys need HTTPS, or localhost.";
  if (!globalThis.PublicKeyCredential || !navigator.credentials)
    return "This browser has no passkeys (WebAuthn).";
  return "";
}

export async function hasConditionalMediation() {
  if (obstacle()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

export async function create({ publicKey }) {
  stopWaiting();
  return attestation(await navigator.credentials.create({ publicKey: creationOptions(publicKey) }));
}

export async function get({ publicKey }) {
  stopWaiting();
  return assertion(await navigator.credentials.get({ publicKey: requestOptions(publicKey) }));
}

/** Wait until the user picks a passkey in the address field. */
export async function getConditionally({ publicKey }) {
  stopWaiting();
  const controller = new AbortController();
  waiting = controller;
  const options = {
    publicKey: requestOptions(publicKey),
    mediation: "conditional",
    signal: controller.signal,
  };
  const credential = await navigator.credentials.get(options);
  if (waiting === controller) waiting = null;
  return assertion(credential);
}

export const isWaiting = () => waiting !== null;

export function stopWaiting() {
  waiting?.abort();
  waiting = null;
}

/** What a failure of the browser means to its user. */
export function meaning(error) {
  return (
    {
      NotAllowedError: "You cancelled, no passkey fits, or time ran out.",
      InvalidStateError: "This device already has a passkey for this user.",
      SecurityError: `This page's origin, ${location.origin}, does not fit the relying party ID.`,
      NotSupportedError: "This device supports none of the algorithms asked for.",
    }[error.name] ?? `${error.name}: ${error.message}`
  );
}

const descriptor = (credential) => ({ ...credential, id: fromBase64url(credential.id) });

function creationOptions(options) {
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    user: { ...options.user, id: fromBase64url(options.user.id) },
    excludeCredentials: options.excludeCredentials?.map(descriptor),
  };
}

function requestOptions(options) {
  return {
    ...options,
    challenge: fromBase64url(options.challenge),
    allowCredentials: options.allowCredentials?.map(descriptor),
  };
}

function common(credential) {
  const { id, rawId, type, authenticatorAttachment } = credential;
  const clientExtensionResults = credential.getClientExtensionResults();
  return { id, rawId: toBase64url(rawId), type, authenticatorAttachment, clientExtensionResults };
}

function attestation(credential) {
  const { clientDataJSON, attestationObject } = credential.response;
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(clientDataJSON),
      attestationObject: toBase64url(attestationObject),
      transports: credential.response.getTransports?.() ?? [],
    },
  };
}

function assertion(credential) {
  const { clientDataJSON, authenticatorData, signature, userHandle } = credential.response;
  return {
    ...common(credential),
    response: {
      clientDataJSON: toBase64url(clientDataJSON),
      authenticatorData: toBase64url(authenticatorData),
      signature: toBase64url(signature),
      userHandle: userHandle ? toBase64url(userHandle) : undefined,
    },
  };
}
