#!/usr/bin/env bash
# samlify 2.13.1: as identity provider, it can't encrypt for a service provider whose metadata has two certificates.
#
# SAML 2.0 metadata s. 2.4.1.1 allows any number of KeyDescriptor elements of one use, and a service provider that
# is about to renew its key publishes both. One would expect either to be taken. Instead the list of both is
# made into one PEM text, and log-ins fail for as long as both are published.
#
# Observed: with one certificate the assertion is encrypted; with two, OpenSSL finds "no start line".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund samlify@2.13.1
for name in old new; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.crt" -days 30 -subj "/CN=$name" 2>openssl.log
done
cat >try.js <<'JAVASCRIPT'
const fs = require("fs");
const saml = require("samlify");

const DSIG = "http://www.w3.org/2000/09/xmldsig#";
const SAML = "urn:oasis:names:tc:SAML:2.0";
const base64 = (name) => fs.readFileSync(`${name}.crt`, "utf8").replace(/-----[^-]+-----|\n/g, "");
const key = (name) =>
  `<KeyDescriptor use="encryption"><KeyInfo xmlns="${DSIG}"><X509Data>` +
  `<X509Certificate>${base64(name)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`;
const metadata = (names) =>
  `<EntityDescriptor xmlns="${SAML}:metadata" entityID="https://sp.example.test/metadata">` +
  `<SPSSODescriptor protocolSupportEnumeration="${SAML}:protocol">${names.map(key).join("")}` +
  `<AssertionConsumerService Binding="${SAML}:bindings:HTTP-POST" Location="https://sp.example.test/acs" ` +
  `index="0"/></SPSSODescriptor></EntityDescriptor>`;
const response =
  `<samlp:Response xmlns:samlp="${SAML}:protocol" xmlns:saml="${SAML}:assertion" ID="_r" Version="2.0" ` +
  `IssueInstant="2026-01-01T00:00:00Z"><saml:Assertion ID="_a" Version="2.0" IssueInstant="2026-01-01T00:00:00Z">` +
  `<saml:Issuer>https://idp.example.test</saml:Issuer></saml:Assertion></samlp:Response>`;
const provider = saml.IdentityProvider({
  entityID: "https://idp.example.test",
  isAssertionEncrypted: true,
  singleSignOnService: [{ Binding: `${SAML}:bindings:HTTP-Redirect`, Location: "https://idp.example.test/sso" }],
});

async function outcome(names) {
  try {
    await saml.SamlLib.encryptAssertion(provider, saml.ServiceProvider({ metadata: metadata(names) }), response);
    return "encrypted";
  } catch (error) {
    return error.message;
  }
}

(async () => {
  const one = await outcome(["old"]);
  const two = await outcome(["old", "new"]);
  console.log(`one certificate: ${one}\ntwo certificates: ${two}`);
  if (one !== "encrypted" || !two.includes("no start line")) {
    console.log("changed");
    process.exit(1);
  }
})();
JAVASCRIPT
node try.js
