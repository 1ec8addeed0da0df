"""The services, built from a configuration and made ready."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event, Semaphore

import pytest

from hanko_compat import wiring
from hanko_compat.client import Client
from hanko_compat.config import from_mapping
from hanko_compat.errors.database import SchemaBehind
from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.storage import models
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.relying_party import relying_party
from hanko_compat.wiring.start import prepare
from tests.hashes import observed, occupied
from tests.hashing.samples import DEVISE, PEPPER
from tests.servers.process import PATIENCE
from tests.settings import settings_on

SOMEBODY = Client(ip_address="203.0.113.9", user_agent="test", request_id="request-1")


def test_building_touches_nothing(tmp_path):
    place = tmp_path / "not-made-yet.sqlite3"
    services = wiring.build(from_mapping(settings_on(f"sqlite:///{place}"), environ={}))
    assert not place.exists()
    assert services.database.dialect == "sqlite"


def test_an_empty_sqlite_database_is_made_ready(tmp_path):
    changes = {"hanko_compat.jwk.algorithm": "ES256"}
    config = from_mapping(settings_on(f"sqlite:///{tmp_path}/new.sqlite3", changes), environ={})
    services = wiring.build(config)
    prepare(services)
    prepare(services)
    assert len(services.keys.public_jwks()) == 1
    assert services.users.accounts.sign_up("alice@example.test", client=SOMEBODY).user_id
    services.database.close_all()


def test_the_configured_rules_reach_the_services(make_services):
    services = make_services(
        {
            "email.require_verification": False,
            "session.lifespan": "1h",
            "session.issuer": "us",
            "session.jwt_template.claims": {"role": "user"},
        }
    )
    session = services.users.accounts.sign_up("alice@example.test", client=SOMEBODY).issued.session
    info = services.sessions.live.authenticate(session.token)
    assert (info.audience, info.issuer, info.extra_claims) == (("localhost",), "us", {"role": "user"})
    assert session.lifespan.total_seconds() == 3600


@pytest.mark.parametrize(
    ("cpus", "configured", "expected"), [(1, 0, 1), (2, 0, 2), (16, 0, 3), (1, 2, 2), (2, 6, 6)]
)
def test_a_process_computes_no_more_hashes_than_there_are_cpus(make_config, cpus, configured, expected):
    config = make_config({"hanko_compat.limits.hashing": {"concurrency": configured, "queue": 0}})
    hasher, running, may_end = build_hasher(wiring.build(config), cpus=cpus), Semaphore(0), Event()

    def hold_up(_hashed):
        running.release()
        may_end.wait(PATIENCE)

    with ThreadPoolExecutor(expected) as pool, observed(hold_up):
        turns = [pool.submit(hasher.verify_password, "x", None, client="a") for _ in range(expected)]
        assert all(running.acquire(timeout=PATIENCE) for _ in turns)
        with pytest.raises(Overloaded):
            hasher.verify_password("x", None, client="a")
        may_end.set()
        assert [turn.result() for turn in turns] == [False] * expected


def test_the_configured_pepper_reaches_the_hasher(make_services):
    password, hashed = DEVISE[0]
    for pepper, expected in ((PEPPER, True), ("another", False)):
        hasher = make_services({"hanko_compat.password.import_pepper": pepper}).get(build_hasher)
        assert hasher.verify_password(password, hashed, client="a") is expected


def test_hashes_that_are_refused_are_told_as_limits_are(make_services, caplog):
    services = make_services()
    hasher = services.get(build_hasher)
    with occupied(hasher._passwords):
        for _ in range(3):
            with pytest.raises(Overloaded):
                hasher.hash_password("correct horse battery", client="203.0.113.9")
    sample = services.metrics.registry.get_sample_value
    assert sample("hanko_compat_rate_limited_total", {"limit": "hashing"}) == 3
    (line,) = (vars(record) for record in caplog.records if record.getMessage() == "rate_limited")
    assert (line["limit"], line["setting"]) == ("hashing", "hanko_compat.limits.hashing.queue")


def test_passwords_are_hashed_at_the_cost_that_hanko_has(make_config):
    hasher = wiring.build(make_config()).get(build_hasher)
    assert hasher.hash_password("correct horse", client="a").startswith("$2a$12$")


def test_another_function_may_build_a_part(make_config):
    hasher = Hasher(concurrency=1, queue=0)
    services = wiring.build(make_config(), instead={build_hasher: lambda _parts: hasher})
    assert services.get(build_hasher) is hasher


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("stream", ["stdout", "stderr", None])
def test_events_reach_the_audit_log_where_the_configuration_sends_it(
    make_services, capsys, stream, is_stored
):
    services = make_services(
        {
            "audit_log.storage.enabled": is_stored,
            "audit_log.console_output": {"enabled": stream is not None, "output": stream or "stdout"},
        }
    )
    services.users.accounts.sign_up("alice@example.test", client=SOMEBODY)
    with services.database.connection():
        assert models.AuditLog.select().count() == int(is_stored)
    captured = capsys.readouterr()
    for name, text in (("stdout", captured.out), ("stderr", captured.err)):
        assert [json.loads(line)["type"] for line in text.splitlines()] == ["user_created"] * (name == stream)


def test_only_an_embedded_database_is_migrated(empty_database_url):
    changes = {"hanko_compat.jwk.algorithm": "ES256"}
    services = wiring.build(from_mapping(settings_on(empty_database_url, changes), environ={}))
    is_embedded = services.database.dialect == "sqlite"
    with nullcontext() if is_embedded else pytest.raises(SchemaBehind, match="migrate up"):
        prepare(services)
    services.database.close_all()


@pytest.mark.parametrize(
    ("dev", "changes", "origins"),
    [
        (False, {}, {"http://localhost:8888"}),
        (False, {"hanko_compat.public_url": "https://auth.localhost/base"}, {"http://localhost:8888"}),
        (True, {}, {"http://localhost:8888"}),
        (
            True,
            {"hanko_compat.public_url": "http://localhost:8000/base"},
            {"http://localhost:8888", "http://localhost:8000"},
        ),
        (
            False,
            {"webauthn.relying_party.origins": ["https://LOCALHOST", "android:apk-key-hash:AbC"]},
            {"https://localhost", "android:apk-key-hash:AbC"},
        ),
        (
            False,
            {"webauthn.relying_party.origins": ["http://localhost/", "app://MyApp", "tauri://localhost"]},
            {"http://localhost", "app://MyApp", "tauri://localhost"},
        ),
        (
            False,
            {"hanko_compat.webauthn.associations.related_origins": ["https://other.test"]},
            {"http://localhost:8888", "https://other.test"},
        ),
    ],
)
def test_origins_of_the_relying_party(make_config, dev, changes, origins):
    assert relying_party(make_config(changes, dev=dev)).origins == origins
