#!/usr/bin/env bash
# libpass 1.9.4: PBKDF2 and scrypt hashes are read with the length of derived key that the library itself makes only.
#
# RFC 8018 s. 5.2 and RFC 7914 s. 6 leave the length of the derived key to the caller, and systems use others:
# Keycloak 64 bytes with PBKDF2-HMAC-SHA256, Werkzeug 64 with scrypt. A library that reads both schemes could be
# expected to read it off the hash. Users that were moved in with such a hash can't log in.
#
# Observed: 32 bytes are verified; 16 and 64 raise ValueError, "checksum must be exactly 32 bytes".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install libpass==1.9.4
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import base64
import hashlib

from passlib.hash import pbkdf2_sha256, scrypt

PASSWORD, SALT = b"correct horse", b"0123456789abcdef"


def text(data):
    return base64.b64encode(data).decode().rstrip("=")


def outcome(scheme, hashed):
    try:
        return "verified" if scheme.verify(PASSWORD, hashed) else "refused"
    except ValueError as error:
        return str(error)


for length in (16, 32, 64):
    derived = hashlib.pbkdf2_hmac("sha256", PASSWORD, SALT, 1000, length)
    adapted = text(derived).replace("+", ".")
    first = outcome(pbkdf2_sha256, f"$pbkdf2-sha256$1000${text(SALT)}${adapted}")
    derived = hashlib.scrypt(PASSWORD, salt=SALT, n=2**10, r=8, p=1, dklen=length)
    second = outcome(scrypt, f"$scrypt$ln=10,r=8,p=1${text(SALT)}${text(derived)}")
    print(f"{length} bytes: PBKDF2 {first}; scrypt {second}")
    expected = "verified" if length == 32 else "exactly 32 bytes"
    assert expected in first and expected in second, "changed"
PYTHON
