"""Passkeys of Keycloak and Kratos, in the form of their exports: who has one logs in here with it."""

import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from hanko_compat.errors.convert import PasskeyNotUsable
from hanko_compat.services.convert import passkeys
from hanko_compat.wiring import Services
from tests.authenticator import Authenticator
from tests.passkeys import Browser
from tests.services.convert.converting import Outcome, of_records
from tests.services.transfer.runs import import_into

USER = "72ca6595-a99e-45b0-b09c-cc4de8bb2535"
ADDRESS = "alice@example.com"
YUBIKEY = UUID("2fc0579f-8113-47ea-b116-bb5a8db9202a")
MADE_UP = b"jmYx0Jk3mPzq1tR8cG5vXwE2LnB7sDhA"


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def device(user_handle: bytes, algorithm: str = "ES256") -> Authenticator:
    """One that was used seven times there."""
    return Authenticator(algorithm, user_handle=user_handle, aaguid=YUBIKEY.bytes, sign_count=7)


def keycloak(
    passkey: Authenticator, kind: str = "webauthn-passwordless", data: Any = None, **changes: Any
) -> Outcome:
    """A user as a realm's export has one: the ID in base64, the COSE key in base64url."""
    credential_data = {
        "aaguid": str(YUBIKEY),
        "credentialId": base64_of(passkey.credential_id),
        "counter": passkey.sign_count,
        "credentialPublicKey": passkey.public_key,
        "attestationStatementFormat": "packed",
        "transports": ["usb", "nfc"],
    }
    credential = {
        "id": "8c3a3a7e-2a52-4d7d-9d0e-0c7d6b6a7f10",
        "type": kind,
        "userLabel": "blue key",
        "createdDate": 1704067260000,
        "secretData": "{}",
        "credentialData": json.dumps(credential_data | (data or {})),
    }
    user = {"id": USER, "username": "alice", "email": ADDRESS, "emailVerified": True}
    return of_records("keycloak", user | {"credentials": [credential]} | changes)


def kratos(
    passkey: Authenticator,
    kind: str = "passkey",
    data: Any = None,
    user_handle: bytes | None = None,
    **changes: Any,
) -> Outcome:
    """An identity as the Admin API has one: bytes are base64."""
    credential = {
        "id": base64_of(passkey.credential_id),
        "public_key": base64_of(passkeys.from_base64(passkey.public_key)),
        "attestation_type": "none",
        "authenticator": {
            "aaguid": base64_of(passkey.aaguid),
            "sign_count": passkey.sign_count,
            "clone_warning": False,
        },
        "display_name": "blue key",
        "added_at": "2024-01-01T00:01:00Z",
        "is_passwordless": True,
    }
    handle = base64_of(passkey.user_handle if user_handle is None else user_handle)
    config = {"credentials": [credential | (data or {})], "user_handle": handle}
    identity = {"id": USER, "traits": {"email": ADDRESS}, "credentials": {kind: {"config": config}}}
    return of_records("kratos", identity | changes)


Of = Callable[..., Outcome]
CASES = [
    pytest.param(keycloak, {}, USER.encode(), id="keycloak"),
    pytest.param(kratos, {}, MADE_UP, id="kratos"),
    pytest.param(kratos, {"kind": "webauthn"}, UUID(USER).bytes, id="kratos, by the id"),
]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
@pytest.mark.parametrize(("export", "how", "user_handle"), CASES)
def test_who_has_a_passkey_there_logs_in_with_it_here(
    services: Services,
    client: FlaskClient,
    export: Of,
    how: dict[str, Any],
    user_handle: bytes,
    algorithm: str,
) -> None:
    passkey = device(user_handle, algorithm)
    assert import_into(services.database, export(passkey, **how).entry) == []
    browser = Browser(client)

    by_nobodys_name = browser.log_in(passkey.get(browser.request_options()))
    by_name = browser.log_in(passkey.get(browser.request_options(UUID(USER))))
    of_a_copy = browser.log_in(passkey.get(browser.request_options(), sign_count=7))
    of_another_user = browser.log_in(passkey.get(browser.request_options(), user_handle=b"somebody else"))

    assert [by_nobodys_name.status_code, by_name.status_code] == [200, 200]
    assert by_nobodys_name.json == {"credential_id": passkey.id, "user_id": USER}
    assert [of_a_copy.status_code, of_another_user.status_code] == [400, 400]


@pytest.mark.parametrize(
    ("export", "expected"),
    [
        (keycloak, {"attestation_type": "packed", "transports": ["usb", "nfc"], "user_handle": USER}),
        (kratos, {"attestation_type": "none", "user_handle": MADE_UP.decode()}),
    ],
)
def test_a_passkey_comes_over_member_by_member(export: Of, expected: dict[str, Any]) -> None:
    passkey = device(MADE_UP)
    outcome = export(passkey)
    assert outcome.entry["webauthn_credentials"] == [
        {
            "id": passkey.id,
            "public_key": passkey.public_key,
            "sign_count": 7,
            "aaguid": str(YUBIKEY),
            "name": "blue key",
            "created_at": "2024-01-01T00:01:00Z",
            "updated_at": "2024-01-01T00:01:00Z",
        }
        | expected
    ]
    assert outcome.left == {}


@pytest.mark.parametrize(
    ("export", "how", "told"),
    [
        (keycloak, {"kind": "webauthn"}, "credentials: webauthn (a second factor)"),
        (keycloak, {"data": {"credentialId": "?"}}, "credentials: webauthn-passwordless (broken)"),
        (keycloak, {"data": {"counter": -1}}, "credentials: webauthn-passwordless (broken)"),
        (keycloak, {"data": {"counter": 2**32}}, "credentials: webauthn-passwordless (broken)"),
        (
            keycloak,
            {"data": {"credentialPublicKey": "oA"}},
            "credentials: webauthn-passwordless (no key of a kind that log-ins verify)",
        ),
        (
            keycloak,
            {"data": {"credentialId": "A" * 344}},
            "credentials: webauthn-passwordless (an ID of another length than can be stored)",
        ),
        (
            keycloak,
            {"id": None},
            "credentials: webauthn-passwordless (a user handle that can't be stored)",
        ),
        (kratos, {"data": {"is_passwordless": False}}, "credentials.passkey (a second factor)"),
        (
            kratos,
            {"kind": "webauthn", "data": {"is_passwordless": None}},
            "credentials.webauthn (a second factor)",
        ),
        (
            kratos,
            {"user_handle": b"\xff" * 64},
            "credentials.passkey (a user handle that is no text)",
        ),
        (
            kratos,
            {"kind": "webauthn", "id": None, "user_handle": b""},
            "credentials.webauthn (a user handle that can't be stored)",
        ),
    ],
)
def test_what_nobody_could_log_in_with_is_left_and_told(export: Of, how: dict[str, Any], told: str) -> None:
    outcome = export(device(MADE_UP), **how)
    assert "webauthn_credentials" not in outcome.entry
    assert outcome.left == {told: 1}


def test_transports_that_no_database_stores_are_forgotten() -> None:
    outcome = keycloak(device(MADE_UP), data={"transports": ["usb", "\ud800", "n\0fc", "", 1, "usb"]})
    assert outcome.entry["webauthn_credentials"][0]["transports"] == ["usb"]


@pytest.mark.parametrize("text", ["-_8=", "+/8=", "-_8", "+/8"])
def test_bytes_in_either_alphabet(text: str) -> None:
    assert passkeys.from_base64(text) == b"\xfb\xff"


@pytest.mark.parametrize("text", ["A", "?", "ä", "=A"])
def test_what_is_no_base64(text: str) -> None:
    with pytest.raises(PasskeyNotUsable):
        passkeys.from_base64(text)
