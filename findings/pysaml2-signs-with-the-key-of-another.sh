#!/usr/bin/env bash
# pysaml2 7.5.5: a signer for queries signs with the key of whoever asked for a signer last.
#
# One would expect RSACrypto(key).get_signer(algorithm) to sign with that key. The signers are shared by the whole
# process, one for each algorithm, and each call puts its own key into it: with two service providers, or two
# threads while a key is renewed, a request is signed by the wrong key, and the identity provider refuses it.
#
# Observed: the signature of the first signer verifies with the second key, and not with the first one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install pysaml2==7.5.5
"$folder/venv/bin/python" - <<'PYTHON'
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from saml2.sigver import RSACrypto
from saml2.xmldsig import SIG_RSA_SHA256

first, second = (generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
signer = RSACrypto(first).get_signer(SIG_RSA_SHA256)
RSACrypto(second).get_signer(SIG_RSA_SHA256)
signature = signer.sign(b"query")
by_first = signer.verify(b"query", signature, first.public_key())
by_second = signer.verify(b"query", signature, second.public_key())
print("verified by the first key:", by_first, "by the second:", by_second)
assert (by_first, by_second) == (False, True), "changed"
PYTHON
