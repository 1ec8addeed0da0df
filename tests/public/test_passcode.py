import re
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hanko_compat.storage.models import AuditLog, Email, Passcode, PrimaryEmail, Session
from tests.calls import CALLER
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_otp_secret,
    make_passcode,
    make_password,
    make_user,
    make_username,
)
from tests.sessions import issue_session

ALICE = "alice@example.test"
INITIALIZE = "/passcode/login/initialize"
FINALIZE = "/passcode/login/finalize"
WRONG_TYPE = "Unmarshal type error: expected=string, got={}, field={}, offset={}"
UNKNOWN = "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"
V1 = "2c1d5b6e-8f3a-11ee-b9d1-0242ac120002"


def error(code, message):
    return {"code": code, "message": message}


def database_of(client):
    return client.application.extensions["hanko_compat"].database


def bearer(client, user_id):
    """Headers with a session of the user."""
    issued = issue_session(client.application.extensions["hanko_compat"], user_id, client=CALLER)
    return {"Authorization": f"Bearer {issued.token}"}


def signed_up(client, address=ALICE):
    return client.post("/users", json={"email": address}).json


def initialize(client, user_id, email_id=None, headers=None):
    body = {"user_id": str(user_id)} | ({"email_id": str(email_id)} if email_id else {})
    return client.post(INITIALIZE, json=body, headers=headers)


def finalize(client, passcode_id, code="123456", headers=None):
    return client.post(FINALIZE, json={"id": str(passcode_id), "code": code}, headers=headers)


def cookies(response):
    return dict(line.split("; ")[0].split("=", 1) for line in response.headers.getlist("Set-Cookie"))


def rows(client, *tables):
    with database_of(client).connection():
        return [table.select().count() for table in tables or (Passcode, Session, PrimaryEmail)]


@pytest.fixture
def make_client(make_app):
    def make(changes=None):
        return make_app(changes).test_client(use_cookies=False)

    return make


# A whole log-in


def test_from_a_sign_up_to_a_session(client, inbox):
    user = signed_up(client)
    answer = initialize(client, user["id"], user["email_id"])
    assert answer.status_code == 200
    assert answer.json.keys() == {"id", "ttl", "created_at"}
    assert answer.json["ttl"] == 300
    (mail,) = inbox.messages()
    assert mail["To"] == ALICE
    code = inbox.passcode(ALICE)
    assert re.fullmatch("[0-9]{6}", code)

    final = finalize(client, answer.json["id"], code)
    assert final.status_code == 200
    assert (final.json["id"], final.json["ttl"]) == (answer.json["id"], 300)
    assert final.headers["X-Session-Lifetime"] == "43200"
    assert list(cookies(final)) == ["hanko"]
    me = client.get("/me", headers={"Authorization": f"Bearer {cookies(final)['hanko']}"})
    assert [(email["address"], email["is_primary"], email["is_verified"]) for email in me.json["emails"]] == [
        (ALICE, True, True)
    ]
    assert client.post("/user", json={"email": ALICE}).json["id"] == user["id"]


def test_the_token_header_replaces_the_cookie(make_client):
    client = make_client({"session.enable_auth_token_header": True})
    final = finalize(client, make_passcode().id)
    assert "Set-Cookie" not in final.headers
    assert client.get("/me", headers={"Cookie": f"hanko={final.headers['X-Auth-Token']}"}).status_code == 200


def test_the_code_stands_nowhere_but_in_the_mail(client, inbox, capsys, caplog):
    caplog.set_level("DEBUG")
    account = make_account(address=ALICE)
    answer = initialize(client, account.user_id)
    code = inbox.passcode(ALICE)
    output = capsys.readouterr()
    assert code not in answer.get_data(as_text=True) + output.out + output.err + caplog.text
    with database_of(client).connection():
        (row,) = Passcode.select()
        assert row.code.startswith("$2a$04$")


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({}, "Enter"),
        ({"Accept-Language": "de-AT, en;q=0.5"}, "Geben"),
        ({"Accept-Language": "xx"}, "Enter"),
        ({"X-Language": "de", "Accept-Language": "fr"}, "Geben"),
        ({"Accept-Language": "de," * 170}, "Geben"),
        ({"Accept-Language": "de," * 171}, "Enter"),
        ({"X-Language": "fr," * 171, "Accept-Language": "de"}, "Geben"),
    ],
)
def test_the_mail_is_in_the_callers_language(client, inbox, headers, word):
    account = make_account(address=ALICE)
    initialize(client, account.user_id, headers=headers)
    (mail,) = inbox.messages()
    assert word in mail.get_body(("plain",)).get_content()


def test_without_delivery_the_answer_is_the_same(make_client, inbox):
    client = make_client({"email_delivery.enabled": False})
    account = make_account()
    assert initialize(client, account.user_id).status_code == 200
    assert inbox.messages() == []


# Where a passcode goes


def test_the_primary_address_by_default(client, inbox):
    account = make_account(address=ALICE)
    make_email(user=account.user, address="second@example.test")
    assert initialize(client, account.user_id).status_code == 200
    assert initialize(client, account.user_id, UUID(int=0)).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == [ALICE, ALICE]


def test_another_address_of_the_user(client, inbox):
    account = make_account(address=ALICE)
    second = make_email(user=account.user, address="second@example.test")
    assert initialize(client, account.user_id, str(second.id).upper()).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == ["second@example.test"]


def test_the_address_of_a_sign_up_by_its_cookie(client, inbox):
    user = signed_up(client)
    cookie = {"Cookie": f"hanko_email_id={user['email_id']}"}
    assert initialize(client, user["id"], headers=cookie).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == [ALICE]


def test_the_cookie_does_not_count_for_who_has_an_address(client, inbox):
    account, other = make_account(address=ALICE), make_email(user=None)
    assert (
        initialize(client, account.user_id, headers={"Cookie": f"hanko_email_id={other.id}"}).status_code
        == 200
    )
    assert [mail["To"] for mail in inbox.messages()] == [ALICE]


BAD_INITIALIZE = [
    ("{}", "user_id is a required field"),
    ("", "user_id is a required field"),
    ('{"user_id": ""}', "user_id is a required field"),
    ('{"user_id": null}', "user_id is a required field"),
    ('{"user_id": "nonsense"}', "user_id must be a valid uuid"),
    ('{"user_id": "%s0"}', "user_id must be a valid uuid"),
    ('{"user_id": "{%s}"}', "user_id must be a valid uuid"),
    ('{"user_id": 5}', WRONG_TYPE.format("number", "user_id", 13)),
    ('{"user_id": ["%s"]}', WRONG_TYPE.format("array", "user_id", 13)),
    ('{"user_id": "%s", "email_id": "nonsense"}', "failed to parse emailId as uuid"),
    ('{"user_id": "%s", "email_id": ""}', "failed to parse emailId as uuid"),
    ('{"user_id": "%s", "email_id": "\\u0000"}', None),
    ('{"user_id": "%s", "email_id": 5}', None),
    ('{"user_id": "%s", "email_id": {}}', None),
    ('{"user_id": "%s", "email_id": "' + UNKNOWN + '"}', "the specified emailId is not available"),
    ('{"user_id": "' + UNKNOWN + '"}', "Bad Request"),
    ('{"user_id": "%s"', None),
    ('{"user_id": "%s", "user_id": "%s"}', None),
    ("[]", None),
    ('"%s"', None),
]


@pytest.mark.parametrize(("body", "message"), BAD_INITIALIZE)
def test_bad_requests_for_a_passcode(client, inbox, body, message):
    account = make_account()
    body = body.replace("%s", str(account.user_id))
    answer = client.post(INITIALIZE, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == error(400, message or answer.json["message"])
    assert rows(client) == [0, 0, 1]
    assert inbox.messages() == []


@pytest.mark.parametrize(
    ("cookie", "message"),
    [
        (None, "an emailId needs to be specified"),
        ("", "an emailId needs to be specified"),
        ("nonsense", "failed to parse emailId as uuid"),
        (f"URN:UUID:{UNKNOWN}", "failed to parse emailId as uuid"),
        (UNKNOWN, "the specified emailId is not available"),
        (UUID(int=0), "the specified emailId is not available"),
    ],
)
def test_who_has_no_address_has_to_name_one(client, cookie, message):
    headers = {} if cookie is None else {"Cookie": f"hanko_email_id={cookie}"}
    answer = initialize(client, make_user().id, headers=headers)
    assert (answer.status_code, answer.json) == (400, error(400, message))


# Whose address it is


def test_somebody_elses_address_is_refused(client, inbox):
    alice, bob = make_account(), make_account()
    for headers in ({}, bearer(client, alice.user_id)):
        answer = initialize(client, alice.user_id, bob.id, headers=headers)
        assert (answer.status_code, answer.json) == (403, error(403, "Forbidden"))
    assert (rows(client)[0], inbox.messages()) == (0, [])


def test_with_a_session_of_somebody_else_nothing_is_sent(client, inbox):
    alice, bob = make_account(), make_account(address="bob@example.test")
    headers = bearer(client, alice.user_id)
    cookie = {"Cookie": "hanko=" + headers["Authorization"].split()[1]}
    assert initialize(client, bob.user_id, headers=headers).status_code == 403
    assert initialize(client, bob.user_id, headers=cookie).status_code == 403
    assert (rows(client)[0], inbox.messages()) == (0, [])
    assert initialize(client, bob.user_id, headers={"Authorization": "Bearer nonsense"}).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == ["bob@example.test"]


BELONGINGS = [
    lambda user: make_email(user=user),
    lambda user: make_password(user=user),
    lambda user: make_credential(user=user),
    lambda user: make_username(user=user),
    lambda user: make_identity(user=user),
]


@pytest.mark.parametrize("give", BELONGINGS)
def test_nobody_attaches_an_address_to_an_account_that_has_something(client, inbox, give):
    user, email = make_user(), make_email(user=None, verified=False)
    passcode = make_passcode(user=user, email=email)
    give(user)
    assert initialize(client, user.id, email.id).status_code == 403
    assert initialize(client, user.id, headers={"Cookie": f"hanko_email_id={email.id}"}).status_code == 403
    # Nor with a passcode that was asked for when the account was empty.
    assert finalize(client, passcode.id).status_code == 403
    assert inbox.messages() == []
    with database_of(client).connection():
        assert Email.get_by_id(email.id).user_id is None
    assert rows(client, Session) == [0]


def test_a_user_attaches_an_address_by_its_session(client, inbox):
    account, email = make_account(), make_email(user=None, verified=False, address="second@example.test")
    headers = bearer(client, account.user_id)
    answer = initialize(client, account.user_id, email.id, headers=headers)
    code = inbox.passcode("second@example.test")
    assert finalize(client, answer.json["id"], code).status_code == 403
    assert finalize(client, answer.json["id"], code, headers=headers).status_code == 200
    me = client.get("/me", headers=headers).json
    assert {email["address"]: email["is_primary"] for email in me["emails"]} == {
        account.address: True,
        "second@example.test": False,
    }
    assert all(email["is_verified"] for email in me["emails"])


def test_a_session_of_somebody_else_does_not_finish(client):
    passcode, other = make_passcode(), make_account()
    answer = finalize(client, passcode.id, headers=bearer(client, other.user_id))
    assert (answer.status_code, answer.json) == (403, error(403, "Forbidden"))
    broken = {"Authorization": "Bearer nonsense", "Cookie": "hanko=nonsense"}
    assert finalize(client, passcode.id, headers=broken).status_code == 200


def test_an_address_that_somebody_verified_meanwhile_is_gone(client):
    email = make_email(user=None, verified=False)
    first, second = (make_passcode(user=make_user(), email=email) for _ in range(2))
    assert finalize(client, first.id).status_code == 200
    for _ in range(2):
        answer = finalize(client, second.id)
        message = "email address has been claimed by another user"
        assert (answer.status_code, answer.json) == (403, error(403, message))
    with database_of(client).connection():
        assert Email.get_by_id(email.id).user_id == first.user_id


FORMS = ["{}", "{{{}}}", "urn:uuid:{}"]
each_form = pytest.mark.parametrize("form", FORMS)
each_spelling = pytest.mark.parametrize("spelled", [str, lambda id_: str(id_).upper(), lambda id_: id_.hex])


@each_form
@each_spelling
def test_an_address_is_named_by_its_id_in_any_written_form(client, inbox, form, spelled):
    account = make_account()
    second = make_email(user=account.user)
    assert initialize(client, account.user_id, form.format(spelled(second.id))).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == [second.address]


@each_form
@each_spelling
@pytest.mark.parametrize("nobody", [None, UUID(int=0), f"urn:uuid:{UUID(int=0)}"])
def test_and_so_in_the_cookie_of_a_sign_up(client, inbox, form, spelled, nobody):
    user = signed_up(client)
    headers = {"Cookie": f"hanko_email_id={form.format(spelled(UUID(user['email_id'])))}"}
    assert initialize(client, user["id"], nobody, headers).status_code == 200
    assert [mail["To"] for mail in inbox.messages()] == [ALICE]


def test_no_more_addresses_than_allowed(make_client):
    client = make_client({"email.limit": 2})
    account = make_account()
    headers = bearer(client, account.user_id)
    emails = [make_email(user=None, verified=False) for _ in range(2)]
    passcodes = [make_passcode(user=account.user, email=email) for email in emails]
    assert finalize(client, passcodes[0].id, headers=headers).status_code == 200
    answer = finalize(client, passcodes[1].id, headers=headers)
    assert (answer.status_code, answer.json) == (409, error(409, "Conflict"))
    with database_of(client).connection():
        assert Email.select().where(Email.user == account.user_id).count() == 2


# Codes that don't fit

BAD_FINALIZE = [
    ("{}", "id is a required field and code is a required field"),
    ("", "id is a required field and code is a required field"),
    ('{"code": "123456"}', "id is a required field"),
    ('{"id": "", "code": "123456"}', "id is a required field"),
    ('{"id": "%s"}', "code is a required field"),
    ('{"id": "%s", "code": ""}', "code is a required field"),
    ('{"id": "%s", "code": null}', "code is a required field"),
    ('{"id": "nonsense", "code": "123456"}', "id must be a valid uuid4"),
    ('{"id": "' + V1 + '", "code": "123456"}', "id must be a valid uuid4"),
    ('{"id": "' + str(UUID(int=0)) + '", "code": "123456"}', "id must be a valid uuid4"),
    ('{"id": 5, "code": "123456"}', WRONG_TYPE.format("number", "id", 8)),
    ('{"id": "%s", "code": 123456}', None),
    ('{"id": "%s", "code": ["123456"]}', None),
    ('{"id": "%s", "code": "\\u0000"}', None),
    ('{"id": "%s", "code": "123456"', None),
    ("null", None),
]


@pytest.mark.parametrize(("body", "message"), BAD_FINALIZE)
def test_bad_bodies_spend_no_try(client, body, message):
    passcode = make_passcode()
    answer = client.post(FINALIZE, data=body.replace("%s", str(passcode.id)), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json == error(400, message or answer.json["message"])
    with database_of(client).connection():
        assert Passcode.get_by_id(passcode.id).try_count == 0


def test_an_unknown_passcode(client):
    answer = finalize(client, uuid4())
    assert (answer.status_code, answer.json) == (401, error(401, "passcode not found"))


@pytest.mark.parametrize("code", ["000000", "12345", "1234567", " 123456", "１２３４５６", "x" * 1000])  # noqa: RUF001
def test_the_third_wrong_code_ends_the_passcode(client, code):
    passcode = make_passcode()
    answers = [finalize(client, passcode.id, code) for _ in range(3)]
    assert [answer.json for answer in answers] == [
        error(401, "Unauthorized"),
        error(401, "Unauthorized"),
        error(410, "max attempts reached"),
    ]
    answer = finalize(client, passcode.id)
    assert (answer.status_code, answer.json) == (401, error(401, "passcode not found"))
    assert rows(client) == [0, 0, 1]


def test_wrong_twice_then_right(client):
    passcode = make_passcode()
    statuses = [finalize(client, passcode.id, code).status_code for code in ("0", "1", "123456", "123456")]
    assert statuses == [401, 401, 200, 401]
    assert rows(client) == [0, 1, 1]


def test_a_passcode_expires_and_stays(make_client, clock):
    client = make_client({"email.passcode_ttl": 3})
    passcode = make_passcode(ttl=3, created_at=clock() - timedelta(seconds=4))
    for code in ("123456", "000000", "123456"):
        answer = finalize(client, passcode.id, code)
        assert (answer.status_code, answer.json) == (408, error(408, "passcode request timed out"))
    assert rows(client) == [1, 0, 1]


def test_a_passcode_is_good_up_to_its_end(client, clock):
    passcode = make_passcode(created_at=clock() - timedelta(seconds=299))
    assert finalize(client, passcode.id).status_code == 200


# Second factors


@pytest.mark.parametrize("give", [make_otp_secret, lambda user: make_credential(user=user, mfa_only=True)])
def test_with_a_second_factor_a_passcode_is_not_enough(make_client, inbox, give):
    client = make_client({"mfa.enabled": True})
    passcode = make_passcode()
    give(user=passcode.user_id)
    assert initialize(client, passcode.user_id).status_code == 403
    answer = finalize(client, passcode.id)
    assert (answer.status_code, answer.json) == (403, error(403, "Forbidden"))
    assert inbox.messages() == []
    assert rows(client, Session) == [0]
    # Who has a session may still verify an address.
    headers = bearer(client, passcode.user_id)
    assert initialize(client, passcode.user_id, headers=headers).status_code == 200
    assert finalize(client, passcode.id, headers=headers).status_code == 200


def test_where_it_is_off_one_factor_is_enough(client):
    passcode = make_passcode()
    make_otp_secret(user=passcode.user_id)
    assert initialize(client, passcode.user_id).status_code == 200
    assert finalize(client, passcode.id).status_code == 200


# Rate limits

LIMITED = {"rate_limiter.enabled": True}
AT_ONE_ACCOUNT = {**LIMITED, "hanko_compat.limits.login_per_client.tokens": 1000}


def test_three_passcodes_a_minute(make_client, inbox, clock):
    client = make_client(LIMITED)
    account = make_account()
    answers = [initialize(client, account.user_id) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[3].json == error(429, "Too Many Requests")
    assert 0 < int(answers[3].headers["Retry-After"]) <= 60
    assert len(inbox.messages()) == 3
    # What is wrong with the address is not told any more, that there is no such user is.
    assert initialize(client, account.user_id, UNKNOWN).status_code == 429
    unknown = initialize(client, UNKNOWN)
    assert (unknown.status_code, "X-RateLimit-Limit" in unknown.headers) == (400, False)
    clock.advance(seconds=61)
    assert initialize(client, account.user_id).status_code == 200


def test_one_address_gets_a_bounded_number_of_mails(make_client, inbox):
    """A new user for each mail does not help."""
    client = make_client(LIMITED)
    statuses = []
    for _ in range(10):
        user = signed_up(client)
        statuses.append(initialize(client, user["id"], user["email_id"]).status_code)
    assert statuses == [200] * 6 + [429] * 4
    assert len(inbox.messages(ALICE)) == 6


def test_guesses_at_all_passcodes_of_a_user_are_counted_together(make_client):
    """Twenty a minute, whoever asks and however many passcodes are live; ten a day by one client."""
    for budget, first in ((10, 10), (100, 20)):
        key = "hanko_compat.limits.wrong_guesses.account_and_client"
        client = make_client({**AT_ONE_ACCOUNT, key: {"first_day": budget, "further_days": 5}})
        account = make_account()
        statuses = []
        for _ in range(10):
            passcode = make_passcode(email=account)
            statuses += [finalize(client, passcode.id, code).status_code for code in ("0", "1", "2")]
        assert statuses == ([401, 401, 410] * 7)[:first] + [429] * (30 - first)
        assert finalize(client, make_passcode().id).status_code == 200


def test_codes_that_are_gone_take_nothing_from_the_account(make_client, clock):
    client = make_client(AT_ONE_ACCOUNT)
    account = make_account()
    old = make_passcode(email=account, created_at=clock() - timedelta(minutes=6))
    fresh, used_up = make_passcode(email=account), make_passcode(email=account)
    assert [finalize(client, used_up.id, "0").status_code for _ in range(4)] == [401, 401, 410, 401]
    for _ in range(30):
        assert finalize(client, used_up.id, "0").status_code == 401
        assert finalize(client, old.id, "0").status_code == 408
        assert finalize(client, uuid4(), "0").status_code == 401
    assert finalize(client, fresh.id).status_code == 200


# Audit log


def audited(client):
    with database_of(client).connection():
        found = AuditLog.select()
        return [(row.type.removeprefix("passcode_login_"), row.error, row.actor_user_id) for row in found]


@pytest.fixture
def auditing(make_client):
    return make_client({"audit_log.storage.enabled": True, "email.passcode_ttl": 100})


def test_events_of_a_first_log_in(auditing, inbox):
    user, email = make_user(), make_email(user=None, verified=False, address=ALICE)
    answer = initialize(auditing, user.id, email.id)
    finalize(auditing, answer.json["id"], inbox.passcode(ALICE))
    assert sorted(audited(auditing)) == [
        ("email_verified", None, user.id),
        ("final_succeeded", None, user.id),
        ("init_succeeded", None, user.id),
        ("primary_email_changed", None, user.id),
    ]
    with database_of(auditing).connection():
        emails = {row.type: row.actor_email for row in AuditLog.select()}
    assert emails["passcode_login_init_succeeded"] is None
    assert emails["passcode_login_final_succeeded"] == "ali**@example.test"


def test_events_of_another_log_in(auditing):
    passcode = make_passcode()
    finalize(auditing, passcode.id)
    assert audited(auditing) == [("final_succeeded", None, passcode.user_id)]


def test_events_of_failures(auditing, clock):
    passcode, late = make_passcode(), make_passcode(created_at=clock() - timedelta(seconds=301))
    initialize(auditing, UNKNOWN)
    finalize(auditing, uuid4())
    for _ in range(3):
        finalize(auditing, passcode.id, "0")
    finalize(auditing, late.id)
    assert Counter(audited(auditing)) == {
        ("init_failed", "unknown user", None): 1,
        ("final_failed", "unknown passcode", None): 1,
        ("final_failed", "passcode invalid", passcode.user_id): 2,
        ("final_failed", "max attempts reached", passcode.user_id): 1,
        ("final_failed", "timed out passcode", late.user_id): 1,
    }
