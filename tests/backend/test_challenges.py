"""Challenges: sent to what belongs to the user, good once, guessed at three times."""

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Condition
from urllib.parse import parse_qsl, urlsplit

import pytest

from hanko_compat.hashing.hasher import NO_PASSCODE
from hanko_compat.storage import challenges as rows
from hanko_compat.storage.models import (
    AuditLog,
    Challenge,
    Delivery,
    Email,
    PasswordCredential,
    Session,
    User,
    WebauthnCredential,
)
from hanko_compat.wiring.hashing import build_hasher
from tests.authenticator import Authenticator
from tests.backend.server import problems
from tests.factories import make_account, make_credential, make_email, make_password, make_session
from tests.hashes import observed_checks, occupied

BLANK = "cannot be blank"
NOT_VALID = "must be a valid value"
ADDRESS, NUMBER = "Jane@Example.test", "+4915091234567"
PERSON = {
    "remoteAddress": "203.0.113.7",
    "userAgent": "Mozilla/5.0",
    "userVerifyingPlatformAuthenticatorAvailable": True,
    "conditionalMediationAvailable": False,
    "parsedDeviceInfo": {"browserName": "B", "browserVersion": "1", "osName": "O", "osVersion": "2"},
}
WRONG = {("value", "is not valid")}
EXPIRED = {("challengeID", "has expired")}
COMPLETED = {("challengeID", "is completed")}
UNKNOWN = {("challengeID", "does not exist")}
GATEWAY = {"hanko_compat.backend_api.sms.url": "https://sms.example.com/messages"}
LINKS = {"hanko_compat.backend_api.email_link_url": "https://app.example.com/confirm"}


def path(user_id, challenge_id=None):
    return f"/users/{user_id}/challenges" + (f"/{challenge_id}" if challenge_id else "")


def body(value=ADDRESS, type_="email_otp", **changes):
    return {"challengeType": type_, "identifierValue": value, "clientInformation": PERSON} | changes


def without(name):
    return {key: value for key, value in body().items() if key != name}


@pytest.fixture
def user_id(backend):
    """A user with an address and a number that wait for their confirmation."""
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS, status="pending")
    backend.identifier(user_id, NUMBER, type_="phone", status="pending")
    return user_id


def create(backend, user_id, **changes):
    response = backend.post(path(user_id), body(**changes))
    assert response.status_code == 200, response.json
    return response.json


def verify(backend, user_id, challenge, value=None):
    return backend.update(path(user_id, challenge["challengeID"]), {"value": value or challenge["value"]})


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def stored(services):
    with services.database.connection():
        return [(row.status, row.tries) for row in Challenge.select()]


def test_a_code_is_mailed_and_completes_the_challenge_once(backend, user_id, inbox, clock):
    made = create(backend, user_id)
    assert made["challengeID"].startswith("cha-")
    assert made == made | {"type": "email_otp", "identifierValue": ADDRESS, "status": "pending"}
    assert made["expires"] == int(clock().timestamp()) + 300
    (message,) = inbox.messages()
    assert message["To"] == "jane@example.test"
    assert message["Subject"] == f"{made['value']} is your code for Conformance"
    assert "confirm your e-mail address" in message.get_body(("plain",)).get_content()
    assert re.fullmatch("[0-9]{6}", made["value"])
    answer = verify(backend, user_id, made)
    assert answer.json == made | {"status": "completed", "value": ""}
    assert problems(verify(backend, user_id, made)) == COMPLETED
    # The server sets this when it is satisfied.
    found = backend.get("/identifiers", "identifierType:eq:email").json["identifiers"]
    assert [each["status"] for each in found] == ["pending"]


@pytest.fixture
def squatted(services):
    """A user whose address nobody has verified, with a password, a passkey and a session."""
    email = make_account(address="jane@example.test", verified=False)
    leave_behind(email)
    return email


def leave_behind(email):
    for make in (make_password, make_credential, make_session):
        make(user=email.user_id)


def left_behind(services):
    with services.database.connection():
        return [table.select().count() for table in (PasswordCredential, WebauthnCredential, Session)]


def prove(backend, email, **changes):
    user_id = f"usr-{email.user_id.int}"
    made = create(backend, user_id, value=email.address, **changes)
    return verify(backend, user_id, made).json["status"]


def test_the_first_challenge_that_proves_an_address_removes_the_logins_of_before(backend, squatted, services):
    other = make_email(user=squatted.user_id, verified=False)
    assert prove(backend, squatted) == "completed"
    assert left_behind(services) == [0, 0, 0]
    found = backend.get("/identifiers", f"userID:eq:{squatted.user_id.int}").json["identifiers"]
    assert [each["identifierID"] for each in found] == [f"ide-{squatted.id.int}"]
    assert other.id != squatted.id
    with services.database.connection():
        assert not Email.get_by_id(squatted.id).verified  # the server sets that


def test_a_second_challenge_leaves_what_its_owner_has_made_since(backend, squatted, services):
    made = [create(backend, f"usr-{squatted.user_id.int}", value=squatted.address) for _ in range(2)]
    for number, challenge in enumerate(made):
        verify(backend, f"usr-{squatted.user_id.int}", challenge)
        assert left_behind(services) == [number] * 3
        if number == 0:
            leave_behind(squatted)


def test_neither_does_the_passcode_that_comes_after_a_challenge(backend, squatted, services, client, inbox):
    prove(backend, squatted)
    inbox.messages()
    leave_behind(squatted)
    body_ = {"user_id": str(squatted.user_id)}
    made = client.post("/passcode/login/initialize", json=body_).json
    code = {"id": made["id"], "code": inbox.passcode(squatted.address)}
    assert client.post("/passcode/login/finalize", json=code).status_code == 200
    assert left_behind(services) == [1, 1, 2]


def test_nor_a_challenge_after_the_server_has_set_the_address_to_pending(backend, services):
    email = make_account(address="jane@example.test")
    leave_behind(email)
    identifier = f"/users/usr-{email.user_id.int}/identifiers/ide-{email.id.int}"
    assert backend.update(identifier, {"status": "pending"}).status_code == 200
    prove(backend, email)
    assert left_behind(services) == [1, 1, 1]


def test_a_code_to_a_phone_proves_no_address(make_backend, inbox):
    backend = make_backend(GATEWAY)
    email = make_account(verified=False)
    leave_behind(email)
    user_id = f"usr-{email.user_id.int}"
    backend.identifier(user_id, NUMBER, type_="phone")
    made = create(backend, user_id, value=NUMBER, type_="sms_otp")
    assert verify(backend, user_id, made).json["status"] == "completed"
    assert left_behind(inbox.services[-1]) == [1, 1, 1]


def test_a_server_that_registers_a_passkey_during_the_proof_gets_none(
    backend, squatted, services, passkeys, monkeypatch
):
    user_id, registration = f"usr-{squatted.user_id.int}", services.passkeys.registration
    real = registration.verify

    def prove_meanwhile(*arguments):
        prove(backend, squatted)
        return real(*arguments)

    monkeypatch.setattr(registration, "verify", prove_meanwhile)
    answer = Authenticator().create(passkeys.creation_options(user_id), transports=["internal"])
    assert passkeys.finish_append(user_id, answer).status_code == 400
    assert left_behind(services) == [0, 0, 0]


def test_hankos_users_are_challenged_too(backend, inbox):
    email = make_account()
    user_id = f"usr-{email.user_id.int}"
    made = create(backend, user_id, value=email.address)
    assert inbox.passcode(email.address) == made["value"]
    assert verify(backend, user_id, made).json["status"] == "completed"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, {(name, BLANK) for name in ("challengeType", "identifierValue", "clientInformation")}),
        (body(type_=""), {("challengeType", BLANK)}),
        (body(type_="letter"), {("challengeType", NOT_VALID)}),
        (body(type_="sms_otp"), {("challengeType", NOT_VALID)}),
        (body(type_="email_link"), {("challengeType", NOT_VALID)}),
        (body(type_=7), {("challengeType", NOT_VALID)}),
        (body(""), {("identifierValue", BLANK)}),
        (body("jane"), {("identifierValue", "must be a valid email address")}),
        (body("a\r\nBcc: b@example.test"), {("identifierValue", "must be a valid email address")}),
        (body(NUMBER), {("identifierValue", "must be a valid email address")}),
        (body("a" * 256), {("identifierValue", "the length must be between 1 and 255")}),
        (body("john@example.test"), {("identifierValue", "does not exist")}),
        (body("jane@example.test."), {("identifierValue", "must be a valid email address")}),
        (without("clientInformation"), {("clientInformation", BLANK)}),
        (body(clientInformation=None), {("clientInformation", BLANK)}),
        (body(clientInformation=[]), {("clientInformation", NOT_VALID)}),
        (
            body(clientInformation=PERSON | {"remoteAddress": None, "userAgent": 5}),
            {("clientInformation.remoteAddress", BLANK), ("clientInformation.userAgent", NOT_VALID)},
        ),
        (body(challengeMetadata=[]), {("challengeMetadata", NOT_VALID)}),
        (body(challengeMetadata="{}"), {("challengeMetadata", NOT_VALID)}),
        (
            body(challengeMetadata={"a": "\u00e4" * 8192}),
            {("challengeMetadata", "the length must be no more than 8192")},
        ),
        (body(lifetimeSeconds=0), {("lifetimeSeconds", "must be no less than 1")}),
        (body(lifetimeSeconds=-1), {("lifetimeSeconds", "must be no less than 1")}),
        (body(lifetimeSeconds=86401), {("lifetimeSeconds", "must be no greater than 86400")}),
        (body(lifetimeSeconds=10**30), {("lifetimeSeconds", "must be no greater than 86400")}),
        (body(lifetimeSeconds="300"), {("lifetimeSeconds", NOT_VALID)}),
        (body(lifetimeSeconds=1.5), {("lifetimeSeconds", NOT_VALID)}),
        (body(lifetimeSeconds=True), {("lifetimeSeconds", NOT_VALID)}),
    ],
)
def test_a_challenge_that_is_refused(backend, user_id, services, inbox, sent, told):
    assert problems(backend.post(path(user_id), sent)) == told
    assert problems(backend.post(path("usr-17"), sent)) == {("userID", "does not exist")}
    assert stored(services) == []
    assert inbox.messages() == []


def test_what_old_clients_leave_out_and_new_ones_add(backend, user_id):
    information = {name: value for name, value in PERSON.items() if name != "parsedDeviceInfo"}
    made = create(backend, user_id, clientInformation=information | {"new": 1}, situation="x")
    assert made["status"] == "pending"
    create(backend, user_id, challengeMetadata=None, lifetimeSeconds=None)


def test_somebody_elses_address_does_not_exist(backend, user_id):
    refused = backend.post(path(backend.user()), body())
    assert problems(refused) == {("identifierValue", "does not exist")}


@pytest.mark.parametrize("sent", ["jane@example.test", "JANE@EXAMPLE.TEST"])
def test_an_address_is_found_in_any_case_and_mailed_as_it_is_stored(backend, user_id, inbox, sent):
    assert create(backend, user_id, value=sent)["identifierValue"] == sent
    assert [message["To"] for message in inbox.messages()] == ["jane@example.test"]


def test_the_lifetime_is_the_servers_choice(backend, user_id, clock, services, inbox):
    made = create(backend, user_id, lifetimeSeconds=60, challengeMetadata={"city": "Munich"})
    assert made["expires"] == int(clock().timestamp()) + 60
    assert "valid for one minute" in inbox.messages()[0].get_body(("plain",)).get_content()
    with services.database.connection():
        assert json.loads(Challenge.get().details) == {"city": "Munich"}
    clock.advance(seconds=58)
    assert verify(backend, user_id, made).status_code == 200


def test_no_fixed_code_is_accepted(backend, user_id):
    """The one that projects of Corbado's have for tests."""
    made = create(backend, user_id)
    while made["value"] == "150919":
        made = create(backend, user_id)
    assert problems(verify(backend, user_id, made, "150919")) == WRONG


def test_after_its_time_a_challenge_is_expired(backend, user_id, clock, services):
    made = create(backend, user_id)
    clock.advance(seconds=300)
    assert problems(verify(backend, user_id, made)) == EXPIRED
    assert stored(services) == [("expired", 0)]
    assert problems(verify(backend, user_id, made)) == EXPIRED


def test_the_third_wrong_code_ends_a_challenge(backend, user_id, services):
    made = create(backend, user_id)
    wrong = other_than(made["value"])
    for tries in (1, 2):
        assert problems(verify(backend, user_id, made, wrong)) == WRONG
        assert stored(services) == [("pending", tries)]
    assert problems(verify(backend, user_id, made, "abcdef")) == WRONG
    assert stored(services) == [("expired", 3)]
    assert problems(verify(backend, user_id, made)) == EXPIRED


def test_the_third_try_may_be_right(backend, user_id, services):
    made = create(backend, user_id)
    for _ in range(2):
        verify(backend, user_id, made, other_than(made["value"]))
    assert verify(backend, user_id, made).json["status"] == "completed"
    assert stored(services) == [("completed", 3)]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, BLANK),
        ({"value": ""}, BLANK),
        ({"value": None}, BLANK),
        ({"value": 123456}, NOT_VALID),
        ({"value": "12345"}, "the length must be exactly 6"),
        ({"value": "1234567"}, "the length must be exactly 6"),
        ({"value": "1" * 64}, "the length must be exactly 6"),
    ],
)
def test_what_can_be_no_code_costs_no_try(backend, user_id, services, sent, message):
    made = create(backend, user_id)
    refused = backend.update(path(user_id, made["challengeID"]), sent)
    assert problems(refused) == {("value", message)}
    assert stored(services) == [("pending", 0)]


@pytest.mark.parametrize("value", ["\u0661\u0662\u0663\u0664\u0665\u0666", "\U0001f600" * 6, "      "])
def test_six_characters_of_any_kind_are_a_wrong_code(backend, user_id, value):
    assert problems(verify(backend, user_id, create(backend, user_id), value)) == WRONG


def test_another_users_challenge_does_not_exist(backend, user_id, services):
    made = create(backend, user_id)
    assert problems(verify(backend, backend.user(), made)) == UNKNOWN
    for challenge_id in ("cha-1", "ide-1", "nothing", made["challengeID"].replace("cha", "usr")):
        assert problems(backend.update(path(user_id, challenge_id), {"value": made["value"]})) == UNKNOWN
    unknown = backend.update(path("usr-17", made["challengeID"]), {})
    assert problems(unknown) == {("userID", "does not exist")}
    assert stored(services) == [("pending", 0)]


def test_an_unknown_challenge_costs_the_same_hash(backend, user_id):
    made = create(backend, user_id)
    with observed_checks() as hashes:
        verify(backend, user_id, {"challengeID": "cha-1"}, "123456")
        verify(backend, user_id, made, other_than(made["value"]))
    assert [hashed == NO_PASSCODE for hashed in hashes] == [True, False]


@pytest.fixture
def audited(make_backend, inbox):
    """A server, its user and the services, where the audit log is in the database."""
    backend = make_backend({"audit_log.storage.enabled": True})
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS)
    return backend, user_id, inbox.services[-1]


def test_no_secret_is_in_the_database_or_the_log(audited, caplog):
    backend, user_id, services = audited
    with caplog.at_level("DEBUG"):
        made = create(backend, user_id)
        verify(backend, user_id, made, other_than(made["value"]))
        verify(backend, user_id, made)
    with services.database.connection():
        rows_ = [*Challenge.select().tuples(), *Delivery.select().tuples(), *AuditLog.select().tuples()]
    told = str(rows_) + str([vars(record) for record in caplog.records])
    assert not re.search(rf"(?<![0-9A-Za-z.]){made['value']}(?![0-9A-Za-z.])", told)


def test_the_audit_log_tells_of_challenges(audited):
    backend, user_id, services = audited
    made = create(backend, user_id)
    verify(backend, user_id, made, other_than(made["value"]))
    verify(backend, user_id, made)
    with services.database.connection():
        told = [
            (row.type, row.error, row.meta_source_ip)
            for row in AuditLog.select().where(AuditLog.type.startswith("challenge_"))
            .order_by(AuditLog.created_at)
        ]  # fmt: skip
    assert Counter((type_, error) for type_, error, _ in told) == {
        ("challenge_created", None): 1,
        ("challenge_failed", "wrong value"): 1,
        ("challenge_completed", None): 1,
    }
    assert {"challenge_created": "203.0.113.7"}.items() <= {type_: ip for type_, _, ip in told}.items()


def test_of_many_wrong_codes_at_once_at_most_three_are_evaluated(backend, user_id, services, monkeypatch):
    """The try is counted before the comparison, which here waits until all are counted."""
    made, compared, hasher = create(backend, user_id), [], services.get(build_hasher)
    counted, real_count, changed = [], rows.count_try, Condition()

    def count_try(challenge_id, *, limit):
        number = real_count(challenge_id, limit=limit)
        with changed:
            counted.append(number)
            changed.notify_all()
        return number

    def be_late():
        with changed:
            assert changed.wait_for(lambda: len(counted) >= 12, 60)
        compared.append(made)

    monkeypatch.setattr(rows, "count_try", count_try)
    hasher.before = be_late
    wrong = other_than(made["value"])
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: verify(backend, user_id, made, wrong), range(12)))
    assert Counter(frozenset(problems(each)) for each in answers) == {
        frozenset(WRONG): 3,
        frozenset(EXPIRED): 9,
    }
    assert len(compared) == 3
    assert stored(services) == [("expired", 3)]


def test_of_several_right_codes_at_once_one_completes(backend, user_id, services):
    made = create(backend, user_id)
    services.get(build_hasher).after = Barrier(3).wait
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: verify(backend, user_id, made), range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400]
    assert {frozenset(problems(each)) for each in answers if each.status_code == 400} == {
        frozenset(COMPLETED)
    }
    assert stored(services) == [("completed", 3)]


def test_too_many_hashes_at_once_are_503_and_cost_no_try(backend, user_id, services):
    made = create(backend, user_id)
    with occupied(services.get(build_hasher)._passcodes):
        refused = [backend.post(path(user_id), body()), verify(backend, user_id, made)]
        assert [answer.status_code for answer in refused] == [503, 503]
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert stored(services) == [("pending", 0)]


def test_guesses_are_counted_for_the_user_over_all_challenges(make_backend):
    """However many challenges a user has, and at the other door too."""
    limits = {"rate_limiter.enabled": True, "hanko_compat.limits.account": {"tokens": 5, "interval": "1m"}}
    backend = make_backend(limits | {"hanko_compat.limits.mail_per_address.tokens": 100})
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS, status="primary")
    statuses = []
    for _ in range(4):
        made = create(backend, user_id)
        statuses += [verify(backend, user_id, made, other_than(made["value"])).status_code for _ in range(2)]
    assert statuses == [400] * 5 + [429] * 3
    public = backend.client.post("/user", json={"email": ADDRESS}).json
    passcode = backend.client.post("/passcode/login/initialize", json={"user_id": public["id"]}).json
    guess = {"id": passcode["id"], "code": "000000"}
    assert backend.client.post("/passcode/login/finalize", json=guess).status_code == 429


@pytest.mark.parametrize(
    ("limit", "allowed"), [("mail_per_address", 6), ("mail_per_client", 8), ("mail_in_total", 7)]
)
def test_mails_are_limited(make_backend, limit, allowed):
    """For each address, for each client as the server tells, and altogether."""
    few = {f"hanko_compat.limits.{limit}": {"tokens": allowed, "interval": "1m"}}
    many = {
        f"hanko_compat.limits.{name}.tokens": 1000
        for name in ("mail_per_address", "mail_per_client", "mail_in_total")
        if name != limit
    }
    backend = make_backend({"rate_limiter.enabled": True} | few | many)
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS)
    answers = [backend.post(path(user_id), body()) for _ in range(allowed + 1)]
    assert [answer.status_code for answer in answers] == [200] * allowed + [429]
    assert answers[-1].json["error"]["type"] == "rate_limited"
    another = body(clientInformation=PERSON | {"remoteAddress": "198.51.100.1"})
    assert backend.post(path(user_id), another).status_code == (200 if limit == "mail_per_client" else 429)


def test_a_challenge_of_a_user_who_is_deleted_meanwhile(backend, user_id, services, monkeypatch):
    real = rows.create

    def create_late(*args, **kwargs):
        User.delete().execute()
        real(*args, **kwargs)

    monkeypatch.setattr(rows, "create", create_late)
    assert backend.post(path(user_id), body()).status_code == 400
    assert stored(services) == []


def test_where_mails_are_off_the_server_delivers_by_itself(make_backend, inbox):
    backend = make_backend({"email_delivery.enabled": False})
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS)
    made = create(backend, user_id)
    assert inbox.messages() == []
    assert verify(backend, user_id, made).status_code == 200


def test_the_language_of_a_mail(backend, user_id, inbox):
    headers = backend.headers | {"X-Language": "de"}
    backend.client.post(f"/v2{path(user_id)}", json=body(), headers=headers)
    assert "Geben Sie diesen Code ein" in inbox.messages()[0].get_body(("plain",)).get_content()


def test_a_link_leads_to_the_configured_page(make_backend, inbox):
    """Nothing of it comes from a request."""
    backend = make_backend(LINKS)
    user_id = backend.user()
    backend.identifier(user_id, ADDRESS)
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    response = backend.client.post(
        f"/v2{path(user_id)}", json=body(type_="email_link"), headers=backend.headers | forged
    )
    made = response.json
    assert re.fullmatch("[0-9A-Za-z]{64}", made["value"])
    assert made == made | {"type": "email_link", "identifierValue": ADDRESS, "status": "pending"}
    text = inbox.messages()[0].get_body(("plain",)).get_content()
    link = urlsplit(next(line for line in text.splitlines() if line.startswith("https:")))
    assert f"{link.scheme}://{link.netloc}{link.path}" == "https://app.example.com/confirm"
    assert dict(parse_qsl(link.query)) == {
        "userID": user_id,
        "challengeID": made["challengeID"],
        "value": made["value"],
    }
    assert "evil" not in inbox.messages()[0].as_string()
    told = problems(verify(backend, user_id, made, "123456"))
    assert told == {("value", "the length must be exactly 64")}
    assert problems(verify(backend, user_id, made, made["value"].swapcase())) == WRONG
    assert verify(backend, user_id, made).json == made | {"status": "completed", "value": ""}


def test_a_code_for_a_phone_waits_for_the_gateway(make_backend, inbox):
    backend = make_backend(GATEWAY)
    user_id = backend.user()
    backend.identifier(user_id, NUMBER, type_="phone", status="pending")
    made = create(backend, user_id, value=NUMBER, type_="sms_otp")
    assert made == made | {"type": "sms_otp", "identifierValue": NUMBER, "status": "pending"}
    assert re.fullmatch("[0-9]{6}", made["value"])
    services = inbox.services[-1]
    with services.database.connection():
        assert [row.kind for row in Delivery.select()] == ["text_message"]
    assert problems(backend.post(path(user_id), body("+4915091234568", "sms_otp"))) == {
        ("identifierValue", "does not exist")
    }
    for value in ("015091234567", ADDRESS):
        assert problems(backend.post(path(user_id), body(value, "sms_otp"))) == {
            ("identifierValue", "must be a valid E164 number")
        }
    assert verify(backend, user_id, made).json == made | {"status": "completed", "value": ""}


def test_challenges_whose_time_is_long_over_are_deleted(backend, user_id, services, clock):
    old, completed = create(backend, user_id), create(backend, user_id)
    verify(backend, user_id, completed)
    clock.advance(hours=23)
    services.clean_up.runs.run()
    assert problems(verify(backend, user_id, old)) == EXPIRED
    clock.advance(hours=2)
    create(backend, user_id)
    services.clean_up.runs.run()
    assert stored(services) == [("pending", 0)]
    assert problems(verify(backend, user_id, old)) == UNKNOWN
