"""Log-ins with passkeys, and what signing their tokens alone would allow.

The load signs a fresh challenge for each log-in, so it can't be prepared: the script of wrk does that. What
share of all cores it takes is told.
"""

import os
import resource
import statistics
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from secrets import token_bytes
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.load import Measurement, drive, median
from benchmarks.seed import Member
from hanko_compat.base64url import encode
from hanko_compat.jose import session_token, signing_keys
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.storage.passkeys import webauthn_credentials
from hanko_compat.wiring import Services
from tests.authenticator import Key

SCRIPT = Path(__file__).with_name("passkeys.lua")
LOG_IN = "passkey log-ins (initialize + finalize)"
SIGNING = "signing alone, every core"
CONNECTIONS = 16  # more than the cores, or they idle while the database waits for its disk


@dataclass(frozen=True)
class LogIns:
    """A round of log-ins, and the share of all cores that the load itself took."""

    measurement: Measurement
    driver_share: float


def add_passkeys(services: Services, members: list[Member]) -> tuple[str, ...]:
    """Give each member a passkey; return what the script reads: ID, user handle and private key of each."""
    return services.database.transaction(
        lambda: tuple(_add_passkey(member.user_id, services.now()) for member in members)
    )


def _add_passkey(user_id: UUID, now: datetime) -> str:
    private, credential_id = ec.generate_private_key(ec.SECP256R1()), encode(token_bytes(32))
    webauthn_credentials.create(
        credential_id,
        user_id=user_id,
        public_key=Key("ES256", private).public_key,
        attestation_type="none",
        aaguid=UUID(int=0),
        sign_count=0,
        name=None,
        backup_eligible=True,
        backup_state=True,
        transports=("internal",),
        now=now,
    )
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return f"{credential_id} {encode(user_id.bytes)} {b64encode(der).decode()}"


def measure(
    base_url: str, services: Services, passkeys: tuple[str, ...], *, rounds: int, seconds: int
) -> LogIns:
    """The median of the rounds."""
    found = [
        measure_log_ins(base_url, services, passkeys, seconds=seconds, connections=CONNECTIONS)
        for _ in range(rounds)
    ]
    share = statistics.median(one.driver_share for one in found)
    return LogIns(median([one.measurement for one in found]), share)


def describe(found: LogIns, alone: float) -> str:
    """What part of what signing alone allows was reached, and what the load took."""
    share = found.measurement.rate / alone
    return (
        f"\n\nPasskey log-ins reach {share:.0%} of what signing alone allows ({CONNECTIONS} connections); "
        f"the load itself took {found.driver_share:.0%} of all cores."
    )


def measure_log_ins(
    base_url: str, services: Services, passkeys: tuple[str, ...], *, seconds: int, connections: int
) -> LogIns:
    """One round: as many log-ins, one after the other on each connection, as the time allows."""
    party = services.config.webauthn.relying_party
    with NamedTemporaryFile("w", suffix=".txt") as values:
        values.write("\n".join(passkeys) + "\n")
        values.flush()
        environment = {
            "BENCH_VALUES": values.name,
            "BENCH_RP_ID": party.id,
            "BENCH_ORIGIN": party.origins[0],
        }
        used = _time_of_children()
        found = drive(base_url, SCRIPT, environment, seconds=seconds, connections=connections)
        used = _time_of_children() - used
    return LogIns(found, used / seconds / (os.cpu_count() or 1))


def _time_of_children() -> float:
    """Seconds of a core that the children of this process took which have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def signing_alone(algorithm: str, *, seconds: float = 3) -> float:
    """How many session tokens a second every core together signs with a key of this *algorithm*."""
    cores = os.cpu_count() or 1
    private_jwk = signing_keys.generate(algorithm)
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(abs, range(cores)))  # every process is there before the time starts
        return sum(pool.map(_sign, [private_jwk] * cores, [seconds] * cores))


def _sign(private_jwk: dict[str, Any], seconds: float) -> float:
    """Tokens a second that one process signs."""
    key, now = signing_keys.SigningKey(private_jwk), datetime.now(UTC)
    subject = TokenSubject(uuid4(), TokenEmail("member@example.com", is_primary=True, is_verified=True))
    claims = session_token.build_claims(
        subject,
        session_id=uuid4(),
        issued_at=now,
        expires_at=now + timedelta(hours=12),
        audience=("localhost",),
        issuer=None,
    )
    return _rate(lambda: session_token.sign(claims, key=key), seconds=seconds)


def _rate(work: Callable[[], object], *, seconds: float) -> float:
    """How often a second *work* is done."""
    work()
    runs, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        work()
        runs += 1
    return runs / (time.perf_counter() - started)
