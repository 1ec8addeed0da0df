import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanko_compat.cli import main
from hanko_compat.services.convert.systems import SYSTEMS
from tests.cli.terminal import run
from tests.services.convert.converting import BCRYPT, DATA
from tests.services.convert.import_rules import check_entry

EXPORTS = {
    "firebase": ("firebase.json", "--hash-config", str(DATA / "firebase-hash-config.txt")),
    "auth0": ("auth0.ndjson", "--hashes", str(DATA / "auth0-hashes.ndjson")),
    "keycloak": ("keycloak.json",),
    "supabase": ("supabase.csv",),
    "kratos": ("kratos.json",),
    "cognito": ("cognito.csv",),
    "clerk": ("clerk.csv",),
    "django": ("django.json",),
    "csv": ("users.csv",),
}
GOOD, BAD = b"email,password_hash\nalice@example.com," + BCRYPT.encode() + b"\n", b"no address,x\n"
KILLED = -signal.SIGKILL


def convert(*arguments, content=b""):
    return CliRunner().invoke(main, ["users", "convert", *arguments], input=content, catch_exceptions=False)


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_export_of_each_system(system):
    name, *options = EXPORTS[system]
    result = run("users", "convert", "--from", system, str(DATA / name), "-o", "users.json", *options)
    entries = json.loads(Path("users.json").read_text(encoding="utf-8"))
    letters = [json.loads(line) for line in Path("users.dead-letters.jsonl").read_text().splitlines()]
    for entry in entries:
        check_entry(entry)
    assert result.stdout == ""
    assert result.exit_code == 1  # each sample has a record that can't be converted
    assert f"converted {len(entries):>20}  users.json\n" in result.stderr
    assert f"refused {len(letters):>22}  users.dead-letters.jsonl says why\n" in result.stderr
    assert all(letter.keys() == {"number", "reason", "record"} for letter in letters)
    assert "Not carried over, and how many users have it:\n" in result.stderr
    for path in ("users.json", "users.dead-letters.jsonl"):
        assert Path(path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("source", [(), ("-",)])
def test_from_standard_input_to_standard_output(source):
    result = convert("--from", "csv", *source, content=GOOD)
    (entry,) = json.loads(result.stdout)
    assert entry["password"] == {"password": BCRYPT}
    assert result.exit_code == 0
    assert result.stderr == f"converted {1:>20}\n"
    assert list(Path().iterdir()) == []


def test_dead_letters_of_an_earlier_time_are_gone():
    arguments = ("--from", "csv", "-o", "users.json", "--dead-letters", "letters")
    assert convert(*arguments, content=GOOD + BAD).exit_code == 1
    assert json.loads(Path("letters").read_text())["number"] == 2
    assert convert(*arguments, content=GOOD).exit_code == 0
    assert [path.name for path in Path().iterdir()] == ["users.json"]


def test_no_users_are_an_empty_list():
    result = convert("--from", "firebase", "--no-passwords", content=b'{"users": []}')
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_options_of_addresses_and_providers():
    content = json.dumps(
        {"email": "a@example.com", "identities": [{"provider": "oidc", "user_id": "1"}]}
    ).encode()
    result = convert("--from", "auth0", "--provider", "oidc=custom_corp", content=content)
    (entry,) = json.loads(result.stdout)
    assert entry["identities"][0]["provider_id"] == "custom_corp"
    assert "Not carried over" not in result.stderr
    result = convert("--from", "csv", "--assume-verified", content=GOOD)
    assert json.loads(result.stdout)[0]["emails"][0]["is_verified"] is True


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--from", "firebase"),
            "name it with --hash-config; or leave all passwords behind with --no-passwords",
        ),
        (("--from", "csv", "--hash-config", "config.txt"), "leave --hash-config out"),
        (("--from", "csv", "--hashes", "config.txt"), "leave --hashes out"),
        (("--from", "firebase", "--hash-config", "empty.txt"), "no algorithm SCRYPT"),
        (("--from", "csv", "--provider", "google"), "THEIRS=OURS"),
        (("--from", "csv", "users.csv", "-o", "users.csv"), "users.csv is a file that is read"),
        (("--from", "csv", "users.csv", "--dead-letters", "./users.csv"), "users.csv is a file that is read"),
        (
            ("--from", "firebase", "--hash-config", "config.txt", "-o", "config.txt", "users.csv"),
            "config.txt is a file that is read",
        ),
        (
            ("--from", "auth0", "--hashes", "hashes.json", "--dead-letters", "hashes.json"),
            "hashes.json is a file that is read",
        ),
        (("--from", "csv", "-o", "x", "--dead-letters", "./x"), "can't be the output and the file of dead"),
        (("--from", "csv", "-o", "nowhere/x"), "nowhere: No such file or directory"),
        (("--from", "csv", "-o", "/dev/full"), "No space left on device"),
        (("--from", "keycloak", "users.csv"), "is that the export, and unpacked?"),
        (("--from", "clerk", "users.csv"), "among them primary_email_address or username"),
    ],
)
def test_what_an_operator_has_to_mend_is_one_line(arguments, told):
    Path("users.csv").write_bytes(GOOD)
    Path("empty.txt").touch()
    Path("hashes.json").write_text("[]")
    (Path() / "config.txt").write_text((DATA / "firebase-hash-config.txt").read_text())
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    result = convert(*arguments, content=GOOD)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert told in line
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


@pytest.mark.parametrize(
    "arguments", [(), ("--from", "hanko"), ("--from", "csv", "-o", "."), ("--from", "csv", "nowhere.csv")]
)
def test_a_wrong_command_line_is_told_as_such(arguments):
    assert convert(*arguments).exit_code == 2


def test_an_export_that_breaks_off_leaves_the_output_as_it_was():
    Path("users.json").write_text("before")
    result = convert(
        "--from", "auth0", "-o", "users.json", content=b'[{"email": "a@example.com"}, {"email": "x"}, {"em'
    )
    assert result.exit_code == 1
    assert "the file is no JSON from record 3 on" in result.stderr
    assert Path("users.json").read_text() == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["users.dead-letters.jsonl", "users.json"]


def test_names_of_members_do_not_command_the_terminal():
    content = json.dumps(
        {"email": "a@example.com", "\x1b[2J": 1, "identities": [{"provider": "\x1b]0;x", "user_id": "1"}]}
    )
    result = convert("--from", "auth0", content=content.encode())
    assert "\x1b" not in result.stderr
    assert r"\x1b[2J" in result.stderr


@pytest.mark.slow
def test_a_conversion_that_is_killed_leaves_no_output_and_can_be_repeated():
    Path("users.json").write_text("before")
    program = "from hanko_compat.cli.users_convert import convert; convert()"
    command = [sys.executable, "-c", program, "--from", "csv", "-o", "users.json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as killed:
        rows = b"".join(b"user%d@example.com,\n" % number for number in range(20_000))
        killed.stdin.write(b"email,password_hash\n" + rows)
        killed.stdin.flush()
        [part] = Path().glob(".users.json.part-*")
        assert part.stat().st_size > 0
        os.kill(killed.pid, signal.SIGKILL)
        assert killed.wait() == KILLED
        killed.stdin.close()
    assert Path("users.json").read_text() == "before"
    assert convert("--from", "csv", "-o", "users.json", content=GOOD).exit_code == 0
    assert len(json.loads(Path("users.json").read_text())) == 1
    assert [path.name for path in Path().iterdir()] == ["users.json"]


def test_an_export_that_the_shell_has_opened_is_not_written_over():
    Path("users.csv").write_bytes(GOOD)
    program = "from hanko_compat.cli import main; main()"
    with Path("users.csv").open("rb") as stdin:
        command = [
            sys.executable,
            "-c",
            program,
            "users",
            "convert",
            "--from",
            "csv",
            "--dead-letters",
            "users.csv",
        ]
        done = subprocess.run(command, stdin=stdin, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")
    assert Path("users.csv").read_bytes() == GOOD
