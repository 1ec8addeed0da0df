"""Log-ins and sign-ups are counted once each, whatever they are made with."""

from collections import Counter

import pytest

from hanko_compat.hashing import bcrypt
from hanko_compat.services.events import Event, EventType
from hanko_compat.services.login.outcomes import Outcomes
from tests.calls import CALLER
from tests.factories import make_account, make_password

GOOD = "correct horse"


class Counts:
    """What was counted."""

    def __init__(self):
        self.log_ins, self.sign_ups = Counter(), Counter()

    def count_log_in(self, method, *, succeeded):
        self.log_ins[method, succeeded] += 1

    def count_sign_up(self, method):
        self.sign_ups[method] += 1


def sample(services, name, **labels):
    return services.metrics.registry.get_sample_value(f"hanko_compat_{name}_total", labels) or 0


def log_ins(services, method):
    return [sample(services, "log_ins", method=method, outcome=each) for each in ("succeeded", "failed")]


def test_passwords(client, services):
    with services.database.connection():
        user_id = make_account().user_id
        make_password(user=user_id, password=bcrypt.create(GOOD, cost=4))
    for password in (GOOD, "wrong horse", "wrong mule"):
        client.post("/password/login", json={"user_id": str(user_id), "password": password})
    assert log_ins(services, "password") == [1, 2]


def test_passcodes_and_the_sign_up_before(client, services, inbox):
    user = client.post("/users", json={"email": "new@example.test"}).json
    begun = client.post("/passcode/login/initialize", json=user).json
    assert log_ins(services, "passcode") == [0, 0]
    code = inbox.passcode("new@example.test")
    for entered in (str((int(code) + 1) % 1_000_000).zfill(6), code):
        client.post("/passcode/login/finalize", json={"id": begun["id"], "code": entered})
    assert log_ins(services, "passcode") == [1, 1]
    assert sample(services, "sign_ups", method="direct") == 1


def test_users_whom_servers_make_are_new_users(services):
    services.users.records.create(name="Jane Doe", status="active", client=CALLER)
    assert sample(services, "sign_ups", method="direct") == 1


@pytest.mark.parametrize(
    ("types", "log_in", "sign_up"),
    [
        (["thirdparty_signup_succeeded", "token_exchange_succeeded"], ("third_party", True), "third_party"),
        (["thirdparty_signin_succeeded", "token_exchange_succeeded"], ("third_party", True), None),
        (["thirdparty_linking_succeeded", "token_exchange_failed"], ("third_party", False), None),
        (["thirdparty_signin_signup_failed"], ("third_party", False), None),
        (
            ["webauthn_authentication_init_succeeded", "webauthn_authentication_final_succeeded"],
            ("passkey", True),
            None,
        ),
        (["webauthn_authentication_final_failed"], ("passkey", False), None),
        (["rate_limited"], None, None),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_of_what_a_log_in_makes_happen_its_end_counts(types, log_in, sign_up):
    counts = Counts()
    for type_ in types:
        Outcomes(counts)(Event(type=EventType(type_), client=CALLER))
    assert counts.log_ins == ({log_in: 1} if log_in else {})
    assert counts.sign_ups == ({sign_up: 1} if sign_up else {})
