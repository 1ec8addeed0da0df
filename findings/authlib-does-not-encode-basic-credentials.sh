#!/usr/bin/env bash
# Authlib 1.9.10: the client's ID and secret are not encoded before they are sent with Basic authentication.
#
# RFC 6749 s. 2.3.1 has both encoded as in a form, so that an ID may hold a colon and a secret any letter.
# Servers that decode, as they should, read another secret where it holds % or +, and a secret beyond
# Latin-1 raises UnicodeEncodeError. It helps to register an own method under the name client_secret_basic.
#
# Observed: for "a:b" and "100%+x" the header holds a:b:100%+x; for a Greek letter UnicodeEncodeError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install authlib==1.9.10
"$folder/venv/bin/python" - <<'PYTHON'
from base64 import b64decode

from authlib.oauth2.auth import ClientAuth


def pair(client_id, secret):
    auth = ClientAuth(client_id, secret, "client_secret_basic")
    try:
        _, headers, _ = auth.prepare("POST", "https://example.com/token", {}, "")
    except UnicodeEncodeError as error:
        return type(error).__name__
    return b64decode(headers["Authorization"].removeprefix("Basic ")).decode("latin-1")


plain, greek = pair("a:b", "100%+x"), pair("client", "\u03bb")
print("plain:", plain)
print("greek:", greek)
assert plain == "a:b:100%+x", "changed"
assert greek == "UnicodeEncodeError", "changed"
PYTHON
