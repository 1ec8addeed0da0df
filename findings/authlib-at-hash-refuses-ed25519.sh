#!/usr/bin/env bash
# Authlib 1.9.10: an ID token signed with "Ed25519" is refused because of a right at_hash; with "EdDSA" it is taken.
#
# RFC 9864 s. 2.2 registers "Ed25519" as the fully specified name of what "EdDSA" says for such a key, and
# deprecates the old one. at_hash is the left half of a SHA-512 digest in both. One would expect both to be
# checked alike. A provider that moves on to the new name, as the RFC wants, loses all log-ins that bring an access
# token along.
#
# Observed: the same claims pass with alg EdDSA; with alg Ed25519, "Invalid claim: 'at_hash'".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install authlib==1.9.10
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import base64
import hashlib
import time

from authlib.oidc.core import CodeIDToken

access_token = "an-access-token"
half = hashlib.sha512(access_token.encode()).digest()[:32]
now = int(time.time())
members = {
    "iss": "https://provider.example.test",
    "sub": "1",
    "aud": "client",
    "iat": now - 5,
    "exp": now + 60,
    "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
}
told = {}
for algorithm in ("EdDSA", "Ed25519"):
    known = {"access_token": access_token, "client_id": "client"}
    claims = CodeIDToken(members, {"alg": algorithm}, params=known)
    try:
        claims.validate()
        told[algorithm] = "taken"
    except Exception as error:
        told[algorithm] = str(error)
    print(f"{algorithm}: {told[algorithm]}")
assert told["EdDSA"] == "taken" and "at_hash" in told["Ed25519"], "changed"
PYTHON
