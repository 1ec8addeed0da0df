"""Log-in by SAML on Hanko's databases: who logged in there does here, by Hanko's certificate, which stays."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from hanko_compat.services.saml.certificate_rows import LIFETIME, make_row
from hanko_compat.services.saml.certificates import RENEWED_BEFORE
from tests.clock import FakeClock
from tests.dropin.dump import Dump
from tests.dropin.house import House
from tests.saml.identity_provider import IdentityProvider
from tests.saml_visitor import Visitor, person, provider, saml, token_of

pytestmark = pytest.mark.servers

DOMAIN, ADDRESS, SUBJECT = "example.test", "carol.work@example.test", "carol of the company"


@pytest.fixture(scope="module")
def idp() -> Iterator[IdentityProvider]:
    with IdentityProvider() as server:
        yield server


@pytest.fixture(scope="module")
def certificate(dump: Dump, clock: FakeClock, idp: IdentityProvider) -> str:
    """What Hanko has written: its certificate, which is returned, and carol's account at the company."""
    born = clock() - timedelta(days=2)
    stamp = born.strftime("%Y-%m-%d %H:%M:%S")
    row = make_row("Hanko", now=born)
    dump.execute(
        "INSERT INTO saml_certificates (id, cert_data, cert_key, encryption_key, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (str(uuid4()), row.cert_data, row.cert_key, row.encryption_key, stamp, stamp),
    )
    (email,) = dump.execute("SELECT id FROM emails WHERE address = %s", (ADDRESS,))
    identity, data = str(uuid4()), json.dumps({"email": ADDRESS, "iss": idp.entity_id, "sub": SUBJECT})
    dump.execute(
        "INSERT INTO identities (id, provider_user_id, provider_id, data, email_id, user_id, created_at,"
        " updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (identity, SUBJECT, idp.entity_id, data, email["id"], dump.users["carol"]["id"], stamp, stamp),
    )
    dump.execute(
        "INSERT INTO saml_identities (id, identity_id, domain, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (str(uuid4()), identity, DOMAIN, stamp, stamp),
    )
    return row.cert_data


@pytest.fixture
def visitor(
    dump: Dump, clock: FakeClock, idp: IdentityProvider, certificate: str, tmp_path: Path
) -> Iterator[Visitor]:
    """A browser at a server with Hanko's configuration and certificate."""
    dump.config, hankos = tmp_path / "config.yaml", dump.config
    changes = saml(provider(idp.base, domain=DOMAIN))
    dump.config.write_text(yaml.safe_dump(yaml.safe_load(hankos.read_text()) | changes))
    house = House(dump, clock)
    yield Visitor(house.client, idp, clock)
    house.services.database.close_all()
    dump.config = hankos


def test_who_logged_in_there_does_here(
    dump: Dump, clock: FakeClock, visitor: Visitor, certificate: str
) -> None:
    tables = ("saml_certificates", "saml_identities", "saml_states")
    before = dump.rows(*tables)
    for years in range(2):
        visitor.start(domain=DOMAIN)
        document = visitor.document(subject=SUBJECT, encrypt_for=certificate, **person(ADDRESS))
        token = token_of(visitor.come_back(document))
        answer = visitor.client.post("/token", json={"value": token})
        assert answer.get_json()["user_id"] == dump.users["carol"]["id"], years
        # When one of ours would be renewed, and once more when it would be over.
        clock.advance(seconds=(LIFETIME - RENEWED_BEFORE).total_seconds())
    shown = visitor.client.get(f"/saml/metadata?domain={DOMAIN}&cert_only=1").text
    assert shown == certificate
    assert dump.rows(*tables) == before
