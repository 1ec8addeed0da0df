"""The program xmlsec1, which verifies signatures: where it is, which version, one bounded run."""

import re
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from shutil import which
from tempfile import TemporaryFile

from hanko_compat.errors.saml import SamlNotInstalled, SamlVerifierUnavailable

PROGRAM = "xmlsec1"
TIMEOUT = 5.0
"""Seconds. A run takes 10 ms of a CPU, most of it to start; what is ours, with validation by schema, 8 ms."""
# Nothing of ours, which may hold secrets; and no authorities, which nobody asks for: OpenSSL would read all
# of the system's at every start, which takes 30 of 40 ms.
_ENVIRONMENT = {"LC_ALL": "C", "SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": "/dev/null"}
MISSING = (
    "SAML is enabled, and the program xmlsec1 is missing, which verifies signatures of identity providers:"
    " install Debian's package xmlsec1 (apt-get install xmlsec1)"
)


@cache
def find() -> str:
    """The path of the program.

    Raises:
        SamlNotInstalled: it is missing; the text names the package.
    """
    path = which(PROGRAM)
    if path is None:
        raise SamlNotInstalled(MISSING)
    return path


@cache
def version() -> tuple[int, ...]:
    """The version of the program, as (1, 2, 37).

    Raises:
        SamlNotInstalled: it is missing, or tells none.
        SamlVerifierUnavailable: it could not be started.
    """
    found = re.search(rb"(\d+)\.(\d+)\.(\d+)", _run([find(), "--version"], ()).stdout)
    if found is None:
        raise SamlNotInstalled(f"{find()} does not tell its version: is it xmlsec1?")
    return tuple(int(part) for part in found.groups())


def verifies(document: bytes, *, certificate: bytes, node_name: str, node_id: str) -> bool:
    """Whether the key of *certificate* (PEM) has made the first signature in the element *node_id*.

    *node_name* is ``<namespace>:<local name>`` of the elements whose attribute ``ID`` is one. No other key is
    used, whatever the document offers. Nothing is written to a disk, nothing is on the command line.

    Raises:
        SamlVerifierUnavailable: the program could not be started, or did not end in time.
    """
    command = [find(), "--verify", "--enabled-reference-uris", "same-doc"]
    command += ["--enabled-key-data", "raw-x509-cert", "--id-attr:ID", node_name, "--node-id", node_id]
    if version() >= (1, 3):
        command.append("--lax-key-search")  # as no KeyInfo names the key
    done = _run([*command, "--pubkey-cert-pem"], (certificate, document))
    lines = done.stderr.splitlines() + done.stdout.splitlines()
    return done.returncode == 0 and bool({b"OK", b"Verification status: OK"} & set(lines))


def _run(command: Sequence[str], files: Sequence[bytes]) -> "subprocess.CompletedProcess[bytes]":
    """Run *command*, with files of these contents as the last arguments; they have no names on any disk."""
    try:
        with ExitStack() as stack:
            opened = [stack.enter_context(TemporaryFile()) for _ in files]
            for file, content in zip(opened, files, strict=True):
                file.write(content)
                file.seek(0)
            numbers = [file.fileno() for file in opened]
            return subprocess.run(  # noqa: S603 - no shell; only ids and names, checked before, are arguments
                [*command, *(f"/dev/fd/{number}" for number in numbers)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                pass_fds=numbers,
                env=_ENVIRONMENT,
                timeout=TIMEOUT,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:  # also: no room or no right for a temporary file
        raise SamlVerifierUnavailable from error
