"""What the machine itself can do, to compare figures of different machines with."""

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import bcrypt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

MESSAGE = b"header.payload" * 40


def milliseconds(work: Callable[[], object], *, seconds: float = 0.5) -> float:
    """The mean time of *work* on one core."""
    work()
    runs, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        work()
        runs += 1
    return (time.perf_counter() - started) / runs * 1000


def signatures() -> dict[str, tuple[float, float]]:
    """Milliseconds to sign and to verify, by algorithm."""
    scheme, digest = padding.PKCS1v15(), hashes.SHA256()
    found = {}
    for bits in (4096, 3072, 2048):
        key = rsa.generate_private_key(65537, bits)
        signature = key.sign(MESSAGE, scheme, digest)
        found[f"RSA-{bits}"] = (
            milliseconds(lambda key=key: key.sign(MESSAGE, scheme, digest)),
            milliseconds(lambda key=key, s=signature: key.public_key().verify(s, MESSAGE, scheme, digest)),
        )
    curve = ec.generate_private_key(ec.SECP256R1())
    signed = curve.sign(MESSAGE, ec.ECDSA(digest))
    found["ES256"] = (
        milliseconds(lambda: curve.sign(MESSAGE, ec.ECDSA(digest))),
        milliseconds(lambda: curve.public_key().verify(signed, MESSAGE, ec.ECDSA(digest))),
    )
    edwards = ed25519.Ed25519PrivateKey.generate()
    sealed = edwards.sign(MESSAGE)
    found["Ed25519"] = (
        milliseconds(lambda: edwards.sign(MESSAGE)),
        milliseconds(lambda: edwards.public_key().verify(sealed, MESSAGE)),
    )
    return found


def password_checks(*, seconds: float = 3) -> float:
    """How many passwords of cost 12 bcrypt alone compares in a second, on every core."""
    hashed, cores = bcrypt.hashpw(MESSAGE[:8], bcrypt.gensalt(12)), os.cpu_count() or 1
    until = time.perf_counter() + seconds

    def compare(_: int) -> int:
        runs = 0
        while time.perf_counter() < until:
            bcrypt.checkpw(MESSAGE[:8], hashed)
            runs += 1
        return runs

    started = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        runs = sum(pool.map(compare, range(cores)))
    return runs / (time.perf_counter() - started)


def pgbench(binaries: str, url: str) -> dict[str, float]:
    """Transactions per second of ``pgbench -S`` and ``-N`` with four clients on the database at *url*."""
    program = f"{binaries}/pgbench"
    subprocess.run([program, "-i", "-q", url], check=True, capture_output=True)
    found = {}
    for flag in ("-S", "-N"):
        done = subprocess.run(
            [program, flag, "-n", "-c", "4", "-T", "4", url], check=True, capture_output=True, text=True
        )
        [line] = [line for line in done.stdout.splitlines() if line.startswith("tps")]
        found[flag] = float(line.split()[2])
    return found
