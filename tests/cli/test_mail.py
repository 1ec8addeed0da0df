from pathlib import Path

from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.mail.render import KINDS
from tests.cli.terminal import run, write_config


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
