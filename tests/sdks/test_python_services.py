"""The services of the Python SDK: users, identifiers, sessions."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from corbado_python_sdk import (
    IdentifierStatus,
    IdentifierType,
    TokenValidationException,
    UserCreateReq,
    UserStatus,
    ValidationErrorType,
)
from corbado_python_sdk.exceptions import ServerException
from corbado_python_sdk.generated.api import UsersApi
from corbado_python_sdk.generated.exceptions import ServiceException

from tests.sdks import python
from tests.sdks.site import Site, SiteNginx, address
from tests.servers.hanko_compat import ApiSecret, wait_until

HOUR = 3600  # seconds
NOBODY = "usr-123456789"


@pytest.fixture
def user(sdk):
    return sdk.users.create(UserStatus.ACTIVE, "Jane Doe")


def refused(call, *args, **options):
    with pytest.raises(ServerException) as caught:
        call(*args, **options)
    error = caught.value
    assert error.request_id.startswith("req-")
    assert error.runtime >= 0
    assert f"HTTP status code: {error.http_status_code}" in str(error)
    return error.http_status_code, error.error_type, error.validation_messages


def test_users(sdk):
    made = sdk.users.create_from_request(UserCreateReq(status=UserStatus.PENDING, fullName="Jané Doe"))
    assert (made.full_name, made.status) == ("Jané Doe", UserStatus.PENDING)
    assert sdk.users.get(made.user_id) == made
    sdk.users.delete(made.user_id)
    for call in (sdk.users.get, sdk.users.delete):
        assert refused(call, made.user_id) == (400, "validation_error", ["userID: does not exist"])


def test_a_user_with_nothing_but_a_status(sdk):
    made = sdk.users.create(UserStatus.ACTIVE)
    assert (made.full_name, made.explicit_webauthn_id) == (None, None)


@pytest.mark.parametrize("user_id", [NOBODY, "usr-1234", "non-existent-id"])
def test_nobody(sdk, user_id):
    assert refused(sdk.users.get, user_id) == (400, "validation_error", ["userID: does not exist"])


def test_identifiers(sdk, user):
    value = address()
    made = sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, value, IdentifierStatus.PRIMARY)
    assert (made.value, made.type, made.status, made.user_id) == (
        value,
        IdentifierType.EMAIL,
        IdentifierStatus.PRIMARY,
        user.user_id,
    )
    for status in (IdentifierStatus.PENDING, IdentifierStatus.PRIMARY, IdentifierStatus.VERIFIED):
        changed = sdk.identifiers.update_status(user.user_id, made.identifier_id, status)
        assert (changed.identifier_id, changed.status) == (made.identifier_id, status)
    assert sdk.identifiers.exists_by_value_and_type(value, IdentifierType.EMAIL)
    assert not sdk.identifiers.exists_by_value_and_type(value, IdentifierType.USERNAME)
    sdk.identifiers.delete(user.user_id, made.identifier_id)
    assert not sdk.identifiers.exists_by_value_and_type(value, IdentifierType.EMAIL)
    assert refused(sdk.identifiers.delete, user.user_id, made.identifier_id) == (
        400,
        "validation_error",
        ["identifierID: does not exist"],
    )


def test_lists(sdk, user):
    phone = f"+491509{time.time_ns() % 10_000_000:07}"
    sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, address(), IdentifierStatus.PRIMARY)
    sdk.identifiers.create(user.user_id, IdentifierType.PHONE, phone, IdentifierStatus.PRIMARY)
    found = sdk.identifiers.list_identifiers(
        sort="identifierType:desc", filters=[f"userID:eq:{user.user_id}"], page=1, page_size=100
    )
    assert [each.type for each in found.identifiers] == [IdentifierType.PHONE, IdentifierType.EMAIL]
    assert (found.paging.total_items, found.paging.total_pages, found.paging.page) == (2, 1, 1)
    found = sdk.identifiers.list_identifiers(
        user_id=user.user_id, identifier_type=IdentifierType.PHONE, identifier_value=phone
    )
    assert [each.value for each in found.identifiers] == [phone]
    assert refused(sdk.identifiers.list_identifiers, sort="bar") == (
        400,
        "validation_error",
        ["bar: not sortable by this column"],
    )


def test_twenty_two_addresses_of_one_user_three_at_a_time(sdk, user):
    values = [address() for _ in range(22)]

    def create(value):
        return sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, value, IdentifierStatus.VERIFIED)

    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(create, values))
    found = sdk.identifiers.list_all_emails_by_user_id(user.user_id)
    assert sorted(each.value for each in found) == sorted(values)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: sdk.identifiers.delete(user.user_id, each.identifier_id), made))
    assert sdk.identifiers.list_all_emails_by_user_id(user.user_id) == []


def test_errors_of_bodies(sdk, user):
    assert refused(sdk.users.create, UserStatus.ACTIVE, "x" * 256) == (
        400,
        "validation_error",
        ["fullName: the length must be between 3 and 255"],
    )
    value = address()
    create = (sdk.identifiers.create, user.user_id, IdentifierType.EMAIL)
    create[0](*create[1:], value, IdentifierStatus.VERIFIED)
    assert refused(*create, value.lower(), IdentifierStatus.VERIFIED) == (
        409,
        "already_exists",
        ["identifierValue: already exists"],
    )
    assert refused(*create, "nonsense", IdentifierStatus.VERIFIED)[2] == [
        "identifierValue: must be a valid email address"
    ]
    assert refused(sdk.users.create, UserStatus.ACTIVE, "x" * 1_100_000)[:2] == (413, "validation_error")


@pytest.mark.parametrize("change", [{"api_secret": "corbado1_wrong"}, {"project_id": "pro-0"}])
def test_wrong_credentials(open_sdk, change):
    assert refused(open_sdk(**change).users.get, NOBODY) == (401, "login_error", [])


def test_a_server_that_is_down(test_run, monkeypatch):
    """nginx answers for it, in an envelope that the SDK can read."""
    nginx = SiteNginx(test_run)
    nginx.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(nginx.ca))
    sdk = python.open_sdk(Site(nginx, None, None, ApiSecret("pro-1", "corbado1_any")))
    try:
        with pytest.raises(ServerException) as caught:
            sdk.users.get(NOBODY)
    finally:
        python.close(sdk)
        nginx.remove()
    assert (caught.value.http_status_code, caught.value.error_type) == (503, "internal_error")
    assert caught.value.request_id.startswith("req-")
    assert isinstance(caught.value.__context__, ServiceException)


def test_a_session(sdk, site, user):
    value = address()
    sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, value, IdentifierStatus.PRIMARY)
    browser = site.log_in(value)

    seen = sdk.sessions.validate_token(browser.token)

    assert (seen.user_id, seen.full_name) == (user.user_id, "Jane Doe")
    assert sdk.users.get(seen.user_id) == user
    assert sdk.sessions.validate_token(site.log_in(value).token) == seen


def test_a_disabled_user_has_no_session(sdk, site, user):
    value = address()
    sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, value, IdentifierStatus.PRIMARY)
    browser = site.log_in(value)
    assert browser.me().status == 200

    UsersApi(sdk.api_client).user_update(user.user_id, {"status": "disabled"})

    assert browser.me().status == 401
    assert browser.validate()["is_valid"] is False


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        (lambda site: "", "CODE_JWT_EMPTY_SESSION_TOKEN"),
        (lambda site: "no token", "CODE_JWT_SIGNING_KEY_ERROR"),
        (lambda site: site.sign(exp=int(time.time()) - HOUR), "CODE_JWT_EXPIRED"),
        (lambda site: site.sign(nbf=int(time.time()) + HOUR), "CODE_JWT_BEFORE"),
        (lambda site: site.sign()[:-8] + "AAAAAAAA", "CODE_JWT_INVALID_SIGNATURE"),
        (lambda site: site.sign(iss=None), "CODE_JWT_ISSUER_EMPTY"),
        (lambda site: site.sign(iss=f"{site.frontend_api}/"), "CODE_JWT_ISSUER_MISSMATCH"),
        (lambda site: site.sign(aud="localhost"), "CODE_JWT_GENERAL"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_tokens_that_are_refused(sdk, site, token, kind):
    with pytest.raises(TokenValidationException) as caught:
        sdk.sessions.validate_token(token(site))
    assert caught.value.error_type is ValidationErrorType[kind]


def test_the_cookie_of_the_public_door_is_no_token_for_sdks(sdk, site, user):
    value = address()
    sdk.identifiers.create(user.user_id, IdentifierType.EMAIL, value, IdentifierStatus.PRIMARY)
    browser = site.log_in(value)
    with pytest.raises(TokenValidationException):
        sdk.sessions.validate_token(browser.cookie)
    assert site.ask("GET", "/me", Authorization=f"Bearer {browser.token}").status == 401


def test_another_issuer_may_be_expected(open_sdk, site):
    sdk = open_sdk(cname="login.example.com")
    assert sdk.sessions.validate_token(site.sign(iss="https://login.example.com")).user_id == "usr-1"
    with pytest.raises(TokenValidationException):
        sdk.sessions.validate_token(site.sign())


def test_both_key_sets_are_the_same(site):
    keys = site.ask("GET", "/.well-known/jwks").body["keys"]
    assert keys == site.ask("GET", "/.well-known/jwks.json").body["keys"]
    assert all({"kty", "n", "e", "kid", "alg", "use"} <= key.keys() for key in keys)


def test_secrets_are_revoked(sdk, site, open_sdk):
    second = site.server.create_secret()
    other = open_sdk(api_secret=second.secret)
    known = sdk.users.create(UserStatus.ACTIVE)

    def is_refused():
        try:
            other.users.get(known.user_id)
        except ServerException as error:
            return error.http_status_code == 401
        return False

    wait_until(lambda: not is_refused(), why=lambda: "the secret does not count yet")
    made = other.users.create(UserStatus.ACTIVE)
    assert sdk.users.get(made.user_id) == made
    site.server.backend_api("revoke", second.id)
    wait_until(is_refused, why=lambda: "the secret still counts")
    assert sdk.users.get(made.user_id) == made
