#!/usr/bin/env bash
# gunicorn 27.0.1 with werkzeug 3.1.9: of two Cookie lines the second cookie is part of the first one's value.
#
# A proxy that speaks HTTP/2 with browsers may get a cookie in each line (RFC 9113 s. 8.2.3) and should join them
# with "; " before it passes them on; not every one does. gunicorn joins all repeated lines with a comma, as WSGI has
# room for one value of each name, and werkzeug does not split there.
#
# Observed: "Cookie: a=1" and "Cookie: b=2" arrive as the cookie a with the value "1,b=2", and b is missing.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install gunicorn==27.0.1 werkzeug==3.1.9
cat > "$folder/application.py" <<'PYTHON'
from werkzeug.wrappers import Request, Response


@Request.application
def application(request):
    return Response(repr(sorted(request.cookies.items())))
PYTHON
(cd "$folder" && exec venv/bin/gunicorn --log-level warning --no-control-socket --bind "unix:$folder/socket" \
  application:application) &
server=$!
"$folder/venv/bin/python" - "$folder/socket" <<'PYTHON'
import socket
import sys
import time

for attempt in range(100):
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(sys.argv[1])
        break
    except OSError:
        time.sleep(0.1)
lines = ["GET / HTTP/1.1", "Host: x", "Cookie: a=1", "Cookie: b=2", "Connection: close", "", ""]
connection.sendall("\r\n".join(lines).encode())
answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
print("cookies:", answer.partition("\r\n\r\n")[2])
assert "[('a', '1,b=2')]" in answer, "changed"
PYTHON
