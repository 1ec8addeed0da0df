"""Sign users up at a rival over HTTP and keep the tokens of their sessions."""

import json
import urllib.request

from benchmarks.rivals import CHECKS, Rival


def open_sessions(rival: Rival, base_url: str) -> tuple[str, ...]:
    """The tokens of some new sessions."""
    return tuple(open_session(rival, base_url, number) for number in range(CHECKS))


def open_session(rival: Rival, base_url: str, number: int) -> str:
    """Sign one user up; the token is in the cookie, or in the body where the rival answers so."""
    body = json.dumps({"email": f"session{number}@example.com"}).encode()
    request = urllib.request.Request(
        base_url + rival.signup.path, body, {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        token = json.load(answer).get("meta", {}).get("session_token")
        cookie: str = answer.headers.get("Set-Cookie", "")
    return token or cookie.partition("=")[2].partition(";")[0]
