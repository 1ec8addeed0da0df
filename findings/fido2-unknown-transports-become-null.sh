#!/usr/bin/env bash
# fido2 2.2.1: a credential descriptor with a transport that the library has no name for keeps null in its place.
#
# WebAuthn Level 3 s. 5.8.4 lets authenticators report any transport, and registers "smart-card". One would
# expect an unknown text to be kept or left out. As JSON for a browser, [null] is refused or dropped, so the
# hint which authenticator to ask is lost.
#
# Observed: ["usb", "smart-card", "nfc"] becomes [usb, None, nfc], in the object and in its mapping.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install fido2==2.2.1
"$folder/venv/bin/python" - <<'PYTHON'
from fido2.webauthn import PublicKeyCredentialDescriptor

given = ["usb", "smart-card", "nfc"]
descriptor = PublicKeyCredentialDescriptor.from_dict({"type": "public-key", "id": "AAAA", "transports": given})
kept = list(dict(descriptor)["transports"])
print("given:", given)
print("kept: ", kept)
assert kept == ["usb", None, "nfc"], "changed"
PYTHON
