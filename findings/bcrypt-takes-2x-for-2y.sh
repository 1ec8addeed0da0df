#!/usr/bin/env bash
# bcrypt 5.0: a hash with $2x$ is compared as one with $2y$, so the right password is refused and another one fits.
#
# $2x$ marks hashes of crypt_blowfish before 1.1 (PHP before 5.3.7), which took bytes above 127 for negative
# numbers. libxcrypt, musl and PHP compute them with that fault. bcrypt accepts the prefix and computes
# without it: every password with a letter beyond ASCII fails.
#
# Observed: the hash of \xa3 in crypt_blowfish's own test does not fit; that of $2y$ with the prefix changed does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install bcrypt==5.0.0
"$folder/venv/bin/python" - <<'PYTHON'
import bcrypt

salt, password = b"$2x$05$/OK.fbVrR/bpIqNJ5ianF.", b"\xa3"
published = bcrypt.checkpw(password, salt + b"CE5elHaaO4EbggVDjb8P19RukzXSM3e")
correct = bcrypt.hashpw(password, salt.replace(b"2x", b"2y"))
renamed = bcrypt.checkpw(password, correct.replace(b"2y", b"2x"))
print("crypt_blowfish's $2x$ fits:", published)
print("a $2y$ called $2x$ fits:   ", renamed)
assert not published, "changed"
assert renamed, "changed"
PYTHON
