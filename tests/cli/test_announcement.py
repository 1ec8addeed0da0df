from collections.abc import Callable

import pytest

from hanko_compat.cli.announcement import announce, facts, mails, welcome
from hanko_compat.cli.server import gunicorn_options
from hanko_compat.config import Config

OPTIONS = {"bind": ["127.0.0.1:8000"], "workers": 2, "threads": 8}


def test_operators_see_no_password(make_config: Callable[..., Config]) -> None:
    said = facts(
        make_config({"database.url": "postgres://hanko:topsecret@db.example.com:5432/users"}), OPTIONS
    )

    assert "topsecret" not in str(said)
    assert "db.example.com:5432/users" in said["database"]
    assert (said["address"], said["workers"], said["threads"]) == ("127.0.0.1:8000", 2, 8)


def test_operators_see_whose_address_counts(make_config: Callable[..., Config]) -> None:
    trusting = make_config({"hanko_compat.trusted_proxies": ["192.0.2.0/24"]})

    assert "192.0.2.0/24" in facts(trusting, OPTIONS)["client_address"]
    assert "ignored" in facts(make_config(), OPTIONS)["client_address"]


@pytest.mark.parametrize(
    ("settings", "delivery", "said"),
    [
        ({}, True, "through mail.example.com:587"),
        ({}, False, "left to hanko-compat worker"),
        ({"email_delivery.enabled": False}, True, "off (email_delivery.enabled)"),
    ],
)
def test_operators_see_where_mails_go(
    make_config: Callable[..., Config], settings: dict[str, object], delivery: bool, said: str
) -> None:
    smtp = {"email_delivery.smtp.host": "mail.example.com", "email_delivery.smtp.port": "587"}
    config = make_config({**smtp, **settings})

    assert mails(config, gunicorn_options(config, delivery=delivery)) == said


def test_developers_see_what_to_try(make_config: Callable[..., Config]) -> None:
    text = "\n".join(welcome(make_config(dev=True), OPTIONS))

    assert "curl -i http://localhost:8000/users -H 'Content-Type: application/json'" in text
    assert "http://localhost:8000/.well-known/jwks.json" in text
    assert "http://localhost:8000/playground" in text


@pytest.mark.parametrize("address", ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:8000", "[2001:db8::1]:8000"])
def test_a_server_that_others_reach_without_a_proxy_says_so(
    make_config: Callable[..., Config],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    address: str,
) -> None:
    proxied = make_config({"hanko_compat.trusted_proxies": ["192.0.2.0/24"]})
    for quiet in ((make_config(), OPTIONS), (proxied, OPTIONS | {"bind": [address]})):
        announce(*quiet)
    assert "listens_without_proxy" not in [record.message for record in caplog.records]

    announce(make_config(), OPTIONS | {"bind": [address]})
    (warning,) = [record for record in caplog.records if record.message == "listens_without_proxy"]
    assert vars(warning)["address"] == address
    assert "hanko_compat.trusted_proxies" in vars(warning)["advice"]

    announce(make_config(dev=True), OPTIONS)
    assert "warning: other" not in capsys.readouterr().err
    announce(make_config(dev=True), OPTIONS | {"bind": [address]})
    assert f"warning: {address}: other hosts can connect" in capsys.readouterr().err


ODD = {"webauthn.relying_party.origin": "http://localhost:8888"}
ADVICE = "A key of another version of Hanko, it does nothing: use webauthn.relying_party.origins, a list."


def test_operators_see_what_to_change(
    make_config: Callable[..., Config], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    announce(make_config(ODD), OPTIONS)

    said = [(record.message, record.levelname) for record in caplog.records]
    assert said == [("serving", "INFO"), ("config_warning", "WARNING")]
    warning = vars(caplog.records[1])
    assert (warning["key"], warning["advice"]) == ("webauthn.relying_party.origin", ADVICE)


def test_developers_see_what_to_change(
    make_config: Callable[..., Config], capsys: pytest.CaptureFixture[str]
) -> None:
    announce(make_config(ODD, dev=True), OPTIONS)

    assert f"\nwarning: webauthn.relying_party.origin: {ADVICE}\n" in capsys.readouterr().err
