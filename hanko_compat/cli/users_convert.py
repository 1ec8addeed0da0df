"""``hanko-compat users convert``: the export of another system becomes a file that can be imported."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import IO, Any, BinaryIO, TextIO

import click

from hanko_compat.cli.private_files import LinesIfAny, whole_or_not
from hanko_compat.clock import utc_now
from hanko_compat.errors.convert import ConversionRefused
from hanko_compat.services.convert.conversion import Refusal, Summary
from hanko_compat.services.convert.conversion import convert as converted
from hanko_compat.services.convert.firebase_hashes import LONGEST, read_hash_config
from hanko_compat.services.convert.options import Options
from hanko_compat.services.convert.providers import read_providers
from hanko_compat.services.convert.systems import SYSTEMS, System

STANDARD = "-"
UPDATE_EACH = 500  # users


@click.command()
@click.option(
    "--from", "system", required=True, type=click.Choice([*SYSTEMS]), help="The system that has exported it."
)
@click.argument("source", metavar="[INPUT | -]", type=click.File("rb"), default=STANDARD)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=STANDARD,
    help="Where the users go, for `users import`. [default: -, standard output]",
)
@click.option(
    "--dead-letters",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where records go that can't be converted. [default: beside the output, NAME.dead-letters.jsonl]",
)
@click.option(
    "--hash-config",
    metavar="FILE",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="Firebase: the password hash parameters that its console shows.",
)
@click.option(
    "--hashes",
    metavar="FILE",
    type=click.File("rb"),
    help="Auth0: the file of hashes that its support sends.",
)
@click.option("--no-passwords", is_flag=True, help="Leave all hashes of passwords behind.")
@click.option(
    "--no-otp-secrets",
    is_flag=True,
    help="Leave secrets of apps for codes behind. Who has one can't log in here with a password alone.",
)
@click.option(
    "--assume-verified",
    is_flag=True,
    help="Take addresses for verified where the system does not say whether they are (django, csv).",
)
@click.option(
    "--provider",
    "providers",
    metavar="THEIRS=OURS",
    multiple=True,
    help="What an identity provider of theirs is called here: corp-oidc=custom_corp. May be repeated.",
)
def convert(
    *,
    system: str,
    source: BinaryIO,
    output: str,
    dead_letters: Path | None,
    hash_config: TextIO | None,
    hashes: BinaryIO | None,
    no_passwords: bool,
    no_otp_secrets: bool,
    assume_verified: bool,
    providers: tuple[str, ...],
) -> None:
    """Make a file for `users import` of another system's export.

    INPUT is the export, unpacked; without it, or with -, standard input. The database is not touched. Users
    keep their ids where these are UUIDs. Others get one that is made of theirs, always the same; theirs is
    kept in the private metadata.

    A record that no user can be made of goes to the file of dead letters, a JSON object a line: its number,
    the reason, and the record without secrets. At the end stands what could not be carried over, and how many
    users have it. Exit code 1 means that there are dead letters; all other users are in the output.

    docs/moving-users.md says for each system what to export with which command, what comes over, and what
    does not.
    """
    options = Options(
        now=utc_now(),
        hash_config=read_hash_config(hash_config.read(LONGEST)) if hash_config else None,
        hashes=_separate_hashes(system, SYSTEMS[system], hashes),
        takes_passwords=not no_passwords,
        takes_otp_secrets=not no_otp_secrets,
        assumes_verified=assume_verified,
        providers=read_providers(providers),
    )
    _check(system, options)
    letters = dead_letters or _beside(output)
    _keep_apart([source, hash_config, hashes], output, letters)
    summary = Summary()
    with LinesIfAny(letters) as lines, _target(output) as target:

        def refuse(refusal: Refusal) -> None:
            lines.write(refusal.as_json())

        users = converted(source, system=system, options=options, on_refusal=refuse, summary=summary)
        with _with_progress(users, source) as shown:
            _write(target, shown)
    _report(summary, output, letters)
    if summary.refused:
        raise click.exceptions.Exit(1)


def _separate_hashes(name: str, system: System, file: BinaryIO | None) -> dict[str, str]:
    if file is None:
        return {}
    if system.read_hashes is None:
        raise ConversionRefused(f"{name} has no file of hashes: leave --hashes out")
    return system.read_hashes(file)


def _check(name: str, options: Options) -> None:
    """Refuse what would lose passwords without a word, and what has no use."""
    needs_config = SYSTEMS[name].needs_hash_config
    if needs_config and options.hash_config is None and options.takes_passwords:
        raise ConversionRefused(
            "hashes of Firebase can't be checked without the project's parameters: copy them from its "
            "console (Authentication, Users, the menu with three dots, Password hash parameters) into a "
            "file, and name it with --hash-config; or leave all passwords behind with --no-passwords"
        )
    if options.hash_config is not None and not needs_config:
        raise ConversionRefused(f"{name} has no hash configuration: leave --hash-config out")


def _beside(output: str) -> Path:
    """The file of dead letters of an output."""
    name = "users" if output == STANDARD else str(Path(output).with_suffix(""))
    return Path(f"{name}.dead-letters.jsonl")


def _keep_apart(sources: Sequence[IO[Any] | None], output: str, letters: Path) -> None:
    """Refuse to write over what is read, or two files into one."""
    paths = [letters] if output == STANDARD else [letters, Path(output)]
    if len({path.resolve() for path in paths}) < len(paths):
        raise ConversionRefused(f"{output} can't be the output and the file of dead letters")
    read = [status for source in sources if source is not None for status in _statuses(source)]
    for path in paths:
        if path.is_file() and any(os.path.samestat(path.stat(), status) for status in read):
            raise ConversionRefused(f"{path} is a file that is read: name another one")


def _statuses(source: IO[Any]) -> Iterator[os.stat_result]:
    """What the system knows of a file that is open, also of one that a shell has opened."""
    with suppress(UnsupportedOperation):
        yield os.fstat(source.fileno())


@contextmanager
def _target(output: str) -> Iterator[IO[str]]:
    if output == STANDARD:
        with click.open_file(STANDARD, "w", encoding="utf-8") as stream:
            yield stream
        return
    with whole_or_not(Path(output)) as file:
        yield file


def _write(target: IO[str], users: Iterable[str]) -> None:
    """Write a JSON array with a user a line."""
    before = "["
    for user in users:
        target.write(f"{before}\n{user}")
        before = ","
    target.write("[]\n" if before == "[" else "\n]\n")


@contextmanager
def _with_progress(users: Iterable[str], source: BinaryIO) -> Iterator[Iterable[str]]:
    """*users*, and a bar that says how much of a file has been read, on a terminal."""
    is_shown = sys.stderr.isatty() and source.seekable()
    size = os.fstat(source.fileno()).st_size if is_shown else 0
    if not size:
        yield users
        return
    with click.progressbar(length=size, label="converting", file=sys.stderr) as bar:

        def counted() -> Iterator[str]:
            before = 0
            for number, user in enumerate(users, 1):
                yield user
                if number % UPDATE_EACH == 0:
                    now = source.tell()
                    bar.update(now - before)
                    before = now
            bar.update(size - before)

        yield counted()


def _report(summary: Summary, output: str, letters: Path) -> None:
    """Say on standard error what came of it."""
    _say(f"{'converted':<20}{summary.converted:>10}  {'' if output == STANDARD else output}".rstrip())
    if summary.refused:
        _say(f"{'refused':<20}{summary.refused:>10}  {letters} says why")
    if summary.without_password:
        ways = "they log in with a passcode first, or at a provider"
        _say(f"{'without a password':<20}{summary.without_password:>10}  {ways}")
    if summary.left:
        _say("Not carried over, and how many users have it:")
        for what, number in sorted(summary.left.items(), key=lambda pair: (-pair[1], pair[0])):
            # Names of members are texts of strangers, who must not command the terminal.
            shown = what if what.isprintable() else ascii(what)
            _say(f"{number:>30}  {shown}")


def _say(line: str) -> None:
    click.echo(line, err=True)
