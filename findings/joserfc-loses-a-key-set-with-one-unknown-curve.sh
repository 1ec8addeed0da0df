#!/usr/bin/env bash
# joserfc 1.8: one key with a curve that it does not know spoils a whole key set, with a KeyError.
#
# RFC 7517 s. 5 says to pass over keys that are not understood, and for an unknown type joserfc does. For an
# unknown curve it raises KeyError, which is no JoseError: `except JoseError` around the import of a provider's
# keys does not catch it, and none of the good keys can be used.
#
# Observed: a set of an RSA key and one of type AKP has one key; with {"kty": "EC", "crv": "P-999"}: KeyError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install joserfc==1.8.0
"$folder/venv/bin/python" - <<'PYTHON'
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

good = RSAKey.generate_key(2048).as_dict(private=False)


def read(other):
    try:
        return len(KeySet.import_key_set({"keys": [good, other]}).keys)
    except Exception as error:
        return error


of_type = read({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"})
of_curve = read({"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"})
print("unknown type: ", of_type, "key")
print("unknown curve:", repr(of_curve))
assert of_type == 1, "changed"
assert isinstance(of_curve, KeyError) and not isinstance(of_curve, JoseError), "changed"
PYTHON
