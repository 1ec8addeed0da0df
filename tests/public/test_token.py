"""``POST /token``: a one-time token for a session."""

import logging

import pytest

from hanko_compat.storage.models import AuditLog, Session, Token
from tests.factories import make_otp_secret, make_token
from tests.public.world import Call

AUDITED = {"audit_log.storage.enabled": True}
LIMITED = {"rate_limiter.enabled": True}


def exchange(client, value):
    return client.post("/token", json={"value": value})


def error(code, message):
    return {"code": code, "message": message}


def failures(app):
    with app.extensions["hanko_compat"].database.connection():
        rows = AuditLog.select().where(AuditLog.type == "token_exchange_failed")
        return [(row.error, row.actor_user_id) for row in rows.order_by(AuditLog.created_at)]


def test_a_token_is_exchanged_for_a_session(client):
    token = make_token()
    response = exchange(client, token.value)
    assert response.status_code == 200
    assert response.json == {"user_id": str(token.user_id)}
    assert response.headers["X-Session-Lifetime"] == "43200"
    assert response.headers["Set-Cookie"].startswith("hanko=")
    session = response.headers["Set-Cookie"].removeprefix("hanko=").partition(";")[0]
    me = client.get("/me", headers={"Authorization": f"Bearer {session}"})
    assert me.json["user_id"] == str(token.user_id)


def test_it_works_once(client):
    token = make_token()
    assert exchange(client, token.value).status_code == 200
    again = exchange(client, token.value)
    assert (again.status_code, again.json) == (404, error(404, "token not found"))


def test_it_expires(client, clock):
    token = make_token()
    clock.advance(seconds=62)
    response = exchange(client, token.value)
    assert (response.status_code, response.json) == (422, error(422, "token has expired"))
    assert "Set-Cookie" not in response.headers


def test_the_browser_becomes_known_to_the_account(make_app):
    client = make_app(LIMITED).test_client(use_cookies=False)
    names = [
        line.split("=")[0] for line in exchange(client, make_token().value).headers.getlist("Set-Cookie")
    ]
    assert names == ["hanko", "hanko_compat_device"]


def test_a_second_factor_is_not_left_out(make_app):
    app = make_app({"mfa.enabled": True})
    token = make_token()
    make_otp_secret(user=token.user_id)
    response = exchange(app.test_client(), token.value)
    assert (response.status_code, response.json) == (403, error(403, "Forbidden"))
    with app.extensions["hanko_compat"].database.connection():
        assert (Token.select().count(), Session.select().count()) == (1, 0)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (Call("POST", "/token", b"{"), "code=400, message=unexpected EOF"),
        (Call("POST", "/token", {}), "code=400, message=value is a required field"),
        (Call("POST", "/token", {"value": "unknown"}), "code=404, message=token not found"),
        (Call("POST", "/token", {"value": "x"}, content_type="text/plain"), None),
    ],
)
def test_what_is_refused_is_audited_as_it_is_told(make_app, call, told):
    app = make_app(AUDITED)
    call.send(app.test_client())
    assert failures(app) == ([(told, None)] if told else [])


def test_an_expired_token_is_audited(make_app, clock):
    app, token = make_app(AUDITED), make_token()
    clock.advance(seconds=62)
    exchange(app.test_client(), token.value)
    assert failures(app) == [("code=422, message=token has expired", None)]


def test_what_is_refused_by_the_limit_is_no_failed_exchange(make_app):
    app = make_app(AUDITED | LIMITED)
    statuses = [exchange(app.test_client(), "unknown").status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert len(failures(app)) == 3


def test_tokens_never_reach_a_log(client, clock, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("peewee").setLevel(logging.INFO)  # statements with their values: for tests only
    tokens = [make_token(), make_token(), make_token(is_flow=True)]
    exchange(client, tokens[0].value)
    exchange(client, tokens[0].value)
    exchange(client, tokens[2].value)
    clock.advance(seconds=62)
    exchange(client, tokens[1].value)
    for record in caplog.records:
        assert not [token for token in tokens if token.value in f"{record.getMessage()}{vars(record)}"]
