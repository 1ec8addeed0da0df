#!/usr/bin/env bash
# httpx2 2.16.2: a URL with a port that no TCP connection can have is a valid URL.
#
# urllib.parse refuses it when the port is read, and httpx2.URL raises InvalidURL for other malformed ports. So
# a check "httpx2 can read it" lets such a URL into a configuration, and it fails only when it is first used.
#
# Observed: httpx2.URL("http://example.com:70000/").port is 70000; urllib.parse raises ValueError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install httpx2==2.16.2
"$folder/venv/bin/python" - <<'PYTHON'
from urllib.parse import urlsplit

import httpx2

text = "http://example.com:70000/"
port = httpx2.URL(text).port
try:
    other = urlsplit(text).port
except ValueError as error:
    other = f"ValueError: {error}"
print("httpx2:", port)
print("urllib:", other)
assert port == 70000, "changed"
assert str(other).startswith("ValueError"), "changed"
try:
    httpx2.URL("http://example.com:port/")
except httpx2.InvalidURL as error:
    print("a port that is no number:", error)
else:
    raise AssertionError("changed")
PYTHON
