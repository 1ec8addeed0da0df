from pathlib import Path
from typing import Any

import pytest

from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.mail.render import KINDS
from tests.cli.terminal import run, write_config
from tests.servers.process import free_port
from tests.smtp import MailServer


def test_every_mail_is_written_as_html_and_as_text(empty_folder: Path) -> None:
    result = run("mail", "preview")

    assert result.exit_code == 0
    written = {path.name for path in (empty_folder / "mails").iterdir()}
    stems = {f"{kind}.{language}" for kind in KINDS for language in LANGUAGES}
    assert written == {f"{stem}.{suffix}" for stem in stems for suffix in ("html", "txt")}
    text = (empty_folder / "mails" / "passcode.de.txt").read_text(encoding="utf-8")
    assert text.startswith("Subject: 123456 ist Ihr Passcode")
    assert "mails/passcode.de.html" in result.stdout


def test_folder_and_languages_can_be_chosen(empty_folder: Path) -> None:
    result = run("mail", "preview", "--out", "a/b", "--language", "bn", "--language", "en")

    assert result.exit_code == 0
    assert {path.name.split(".")[1] for path in (empty_folder / "a/b").iterdir()} == {"bn", "en"}
    assert run("mail", "preview", "--language", "sv").exit_code == 2


def test_own_templates_are_shown(empty_folder: Path) -> None:
    (empty_folder / "own").mkdir()
    (empty_folder / "own" / "passcode.txt").write_text("The code of {{ service }} is {{ code }}")
    settings = {"service": {"name": "Example"}, "hanko_compat": {"mail": {"templates": "own"}}}

    run("mail", "preview", "--config", str(write_config(empty_folder / "config.yaml", settings)))

    assert "The code of Example is 123456" in (empty_folder / "mails" / "passcode.nl.txt").read_text()


def test_broken_templates_are_named(empty_folder: Path) -> None:
    (empty_folder / "own").mkdir()
    (empty_folder / "own" / "passcode.txt").write_text("{{ code")
    config = write_config(empty_folder / "config.yaml", {"hanko_compat": {"mail": {"templates": "own"}}})

    result = run("mail", "preview", "--config", str(config))

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: hanko_compat.mail.templates: passcode.txt, line 1")


def at(port: int, **delivery: Any) -> tuple[str, str]:
    """The configuration of a mail server on this port."""
    smtp = {"host": "127.0.0.1", "port": str(port)}
    settings = {"email_delivery": {"from_address": "noreply@example.test", "smtp": smtp, **delivery}}
    return "--config", str(write_config(Path("config.yaml"), settings))


def test_a_test_mail_arrives_at_once() -> None:
    with MailServer() as server:
        result = run("mail", "test", "jane@example.test", *at(server.port))

        assert (result.exit_code, result.stderr) == (0, "")
        assert f"127.0.0.1:{server.port} has taken the mail for jane@example.test" in result.stdout
        (mail,) = server.received
    assert (mail.mail_from, mail.to) == ("noreply@example.test", ["jane@example.test"])
    assert "123456" in str(mail.message["Subject"])


def test_kind_and_language_of_a_test_mail_can_be_chosen() -> None:
    with MailServer() as server:
        options = ("--kind", "password_update", "--language", "de")
        result = run("mail", "test", "jane@example.test", *options, *at(server.port, enabled=False))
        (mail,) = server.received

    assert "Passwort" in str(mail.message["Subject"])
    assert "servers send no mail" in result.stderr


def test_what_the_mail_server_refuses_is_said() -> None:
    with MailServer(rcpt="550 5.7.1 relaying denied") as server:
        result = run("mail", "test", "jane@example.test", *at(server.port))

    assert result.exit_code == 1
    assert "has not taken the mail: 550 5.7.1" in result.stderr


def test_a_mail_server_that_does_not_answer_is_named() -> None:
    port = free_port()

    result = run("mail", "test", "jane@example.test", *at(port))

    assert result.exit_code == 1
    assert (
        f"127.0.0.1:{port} (section email_delivery.smtp) has not taken the mail: Connection" in result.stderr
    )


@pytest.mark.parametrize("address", ["no address", "jane@example.test, joe@example.test"])
def test_a_test_mail_goes_to_one_address(address: str) -> None:
    assert run("mail", "test", address, *at(1)).exit_code == 2
