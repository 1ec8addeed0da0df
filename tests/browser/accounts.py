"""Users that are there before a test begins, made without a browser."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from uuid import uuid4

from tests.browser.site import Site
from tests.servers.hanko_compat import Answer

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Account:
    """A user with a session. Where addresses have to be verified, this one was, by the first mail to it."""

    address: str
    user_id: str
    email_id: str
    token: str


def new_address() -> str:
    """An address that nobody has."""
    return f"{uuid4().hex}@example.test"


def sign_up(site: Site, *, password: str | None = None) -> Account:
    """Make a user, with a password or without."""
    address = new_address()
    answer = site.ask("POST", "/users", {"email": address})
    ids = {name: answer.body[name] for name in ("user_id", "email_id")}
    if "X-Session-Lifetime" not in answer.headers:
        passcode = site.ask("POST", "/passcode/login/initialize", ids).body
        tried = {"id": passcode["id"], "code": site.passcode(address)}
        answer = site.ask("POST", "/passcode/login/finalize", tried)
    account = Account(address, **ids, token=token_of(answer))
    if password is not None:
        body = {"user_id": account.user_id, "password": password}
        assert site.ask("PUT", "/password", body, token=account.token).status == 201
    return account


def token_of(answer: Answer) -> str:
    """The token of the session that an answer hands out, in either way."""
    cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie", [])))
    return answer.headers["X-Auth-Token"] or cookies["hanko"].value
