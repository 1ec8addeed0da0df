"""What commands share that act on the operator's word: the services, who acts, and questions to him."""

import os
import pwd
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from hanko_compat import __version__, random_secrets, wiring
from hanko_compat.client import Client
from hanko_compat.config import Config
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from hanko_compat.wiring.audit_log import AuditLog, build_audit_log
from hanko_compat.wiring.parts import Parts

NAMES = "an id, as either door writes it, or an address, phone number or username"
"""How a user can be named."""

user_argument = click.argument("user", metavar="USER")
yes_option = click.option("--yes", "-y", "is_sure", is_flag=True, help="Don't ask.")


@contextmanager
def opened(config: Config, access: Access) -> Iterator[Services]:
    """The services on a database that has all tables; its connections are closed at the end.

    What a command prints is on standard output alone: lines of the audit log go to standard error, and only
    where they are all there is of it.
    """
    services = wiring.build(config, access=access, instead={build_audit_log: _audit_log})
    try:
        with services.database.explain_denials():
            migrate.require_current(services.database)
            yield services
    finally:
        services.database.close_all()


def _audit_log(parts: Parts) -> AuditLog:
    audit_log = build_audit_log(parts, stream=sys.stderr)
    return replace(audit_log, console=None) if audit_log.table else audit_log


def operator() -> Client:
    """Whom the audit log names for what a command does: this program, and the account that runs it."""
    try:
        account = pwd.getpwuid(os.getuid()).pw_name  # not what the environment says, which anybody may set
    except KeyError:  # a container may run under a number that has no name
        account = str(os.getuid())
    return Client(
        ip_address="",
        user_agent=f"hanko-compat/{__version__} ({account})",
        request_id=random_secrets.octets(16).hex(),
    )


def confirm(question: str, *, is_sure: bool) -> None:
    """Let pass who is sure, or says so at the terminal.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: the answer is no.
    """
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask at: add --yes to do it without a question")
    click.confirm(question, abort=True, err=True)


def read_password() -> str:
    """Ask for a new password twice, or take the first line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return password
    # A mark of the byte order, which editors put in front of a file, is no letter that anybody would type.
    line = sys.stdin.buffer.readline().removeprefix(BOM_UTF8).removesuffix(b"\n").removesuffix(b"\r")
    if not line:
        raise click.UsageError("the password is to stand on the first line of standard input, which is empty")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise click.UsageError("the password on standard input is no UTF-8") from error
