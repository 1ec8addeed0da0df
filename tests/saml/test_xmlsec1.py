"""The program xmlsec1: bounded, without files, without secrets."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from hanko_compat.errors.saml import SamlNotInstalled, SamlVerifierUnavailable
from hanko_compat.saml import library, xmlsec1
from tests.saml import signing
from tests.saml.conftest import Read
from tests.saml.identity_provider import A, Answer, IdentityProvider

pytestmark = pytest.mark.servers  # xmlsec1


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of xmlsec1, that a test writes."""
    program = tmp_path / "xmlsec1"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for cached in (xmlsec1.find, xmlsec1.version):
        cached.cache_clear()
        monkeypatch.setattr(xmlsec1, cached.__name__, cached.__wrapped__)
    return program


def write(program: Path, text: str) -> None:
    program.write_text(
        f"#!/bin/sh\nif [ $1 = --version ]; then echo 'xmlsec1 1.3.4 (openssl)'; exit; fi\n{text}\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def verify(document: str, pair: signing.Pair) -> bool:
    return xmlsec1.verifies(
        document.encode(), certificate=pair.certificate.encode(), node_name=f"{A}:Assertion", node_id="_a1"
    )


@pytest.fixture
def signed() -> str:
    return IdentityProvider().assertion(Answer(assertion_id="_a1"))


def test_the_real_program_decides(signed: str) -> None:
    assert xmlsec1.version() >= (1, 2)
    assert verify(signed, signing.pair_number(1))
    assert not verify(signed, signing.pair_number(2))
    assert not verify(signed.replace("subject-1", "subject-2"), signing.pair_number(1))
    assert not verify("no XML", signing.pair_number(1))


def test_nothing_is_left_on_a_disk(
    signed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stand_in: Path
) -> None:
    """Not even while it runs: it lists what there is, and the arguments that it got."""
    files = tmp_path / "temporary"
    files.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    seen = tmp_path / "seen"
    write(
        stand_in,
        f'ls {files} > {seen}; echo "$@" >> {seen}; env >> {seen}; for last; do :; done; cat $last >> {seen}',
    )
    monkeypatch.setenv("SECRETS_KEYS", "a-secret-of-the-server")
    assert not verify(signed, signing.pair_number(1))
    text = seen.read_text()
    assert text.startswith("--verify")
    assert "a-secret" not in text
    arguments, _, rest = text.partition("\n")
    assert "subject-1" not in arguments
    assert "subject-1" in rest  # by a number, not by a name
    assert "--lax-key-search" in arguments  # as this one is 1.3


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("echo OK >&2", True),
        ("echo 'Verification status: OK'", True),
        ("echo OK; exit 1", False),
        ("echo FAIL", False),
        ("echo NOT OK", False),
        ("exit 0", False),
        ("kill -9 $$", False),
    ],
)
def test_only_a_clear_yes_counts(signed: str, stand_in: Path, text: str, verdict: bool) -> None:
    write(stand_in, text)
    assert verify(signed, signing.pair_number(1)) is verdict


def test_a_program_that_hangs_is_ended(
    read: Read, idp: IdentityProvider, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = idp.response()
    write(stand_in, "exec sleep 600")
    monkeypatch.setattr(xmlsec1, "TIMEOUT", 0.2)
    with pytest.raises(SamlVerifierUnavailable):
        read(response)


def test_a_program_that_can_not_be_started(signed: str, stand_in: Path) -> None:
    stand_in.write_bytes(b"\x7fELF")
    stand_in.chmod(0o755)
    with pytest.raises(SamlVerifierUnavailable):
        verify(signed, signing.pair_number(1))


def test_another_program_is_told_apart(stand_in: Path) -> None:
    stand_in.write_text("#!/bin/sh\necho hello\n")
    stand_in.chmod(0o755)
    with pytest.raises(SamlNotInstalled):
        xmlsec1.version()


def test_no_room_for_temporary_files(
    read: Read, idp: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = idp.response()
    assert read(response)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(SamlVerifierUnavailable):
        read(response)


@pytest.mark.parametrize(
    "text",
    ["#!/bin/sh\necho 'cannot open shared object file' >&2; exit 127\n", "#!/nowhere/interpreter\n"],
    ids=["lacks a library", "lacks its interpreter"],
)
def test_a_program_that_does_not_run_is_named_at_the_start(stand_in: Path, text: str) -> None:
    stand_in.write_text(text)
    stand_in.chmod(0o755)
    with pytest.raises(SamlNotInstalled, match=str(stand_in)):
        library.require()
