"""The operator's terminal: ``hanko-compat``, a module per command."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from hanko_compat import __version__
from hanko_compat.cli.apple_secret import apple_secret
from hanko_compat.cli.audit import audit
from hanko_compat.cli.backend_api import backend_api_group
from hanko_compat.cli.backup import backup
from hanko_compat.cli.cleanup import cleanup
from hanko_compat.cli.completion import completion
from hanko_compat.cli.config import config_group
from hanko_compat.cli.doctor import doctor
from hanko_compat.cli.failures import OF_FILES, explained, fault_of_file
from hanko_compat.cli.keys import keys_group
from hanko_compat.cli.limits import limits_group
from hanko_compat.cli.mail import mail_group
from hanko_compat.cli.migrate import migrate_group
from hanko_compat.cli.output import give_up_what_cannot_be_printed, spell_out_what_a_terminal_lacks
from hanko_compat.cli.serve import serve
from hanko_compat.cli.settings import Settings
from hanko_compat.cli.texts import require_utf8
from hanko_compat.cli.users import users_group
from hanko_compat.cli.version import version
from hanko_compat.cli.webhooks import webhooks_group
from hanko_compat.cli.worker import worker
from hanko_compat.errors import HankoCompatError, OperatorError

COMMANDS = (
    serve,
    worker,
    migrate_group,
    keys_group,
    backend_api_group,
    users_group,
    audit,
    apple_secret,
    limits_group,
    config_group,
    mail_group,
    webhooks_group,
    cleanup,
    backup,
    doctor,
    completion,
    version,
)


class Commands(click.Group):
    """The main group: turns what goes wrong into a line and an exit code; colours only where wanted."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the command line, and print the help that it may ask for."""
        with _told():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":  # https://no-color.org
            ctx.color = False
        spell_out_what_a_terminal_lacks()
        with _told():
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OperatorError, HankoCompatError) as error:
        raise explained(error) from error
    except OSError as error:
        if error.errno not in OF_FILES:
            raise
        give_up_what_cannot_be_printed()
        raise click.ClickException(fault_of_file(error)) from error


def remember_config(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    """Keep the file that ``--config`` names; the one nearest to the end of the line counts."""
    settings = ctx.ensure_object(Settings)
    if value is not None:
        settings.chosen = value
    return value


def config_option() -> click.Option:
    """The option ``--config``, for the group and for each command of it."""
    return click.Option(
        ["--config"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=remember_config,
        help="Configuration in Hanko's format. [default: $HANKO_CONFIG, else ./config.yaml if it is there]",
    )


def add_config_option(command: click.Command) -> None:
    """Let ``--config`` stand behind *command*'s name too, and behind those of its subcommands."""
    command.params.append(config_option())
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            add_config_option(subcommand)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hanko-compat")
def main() -> None:
    """Serve Hanko's deprecated Public API, and manage its users, database, signing keys and API secrets.

    The configuration is Hanko's own config.yaml. Environment variables override the file: SECRETS_KEYS,
    DATABASE_URL, SERVER_PUBLIC_ADDRESS and so on.

    To try it out: hanko-compat serve --dev
    """


for _command in COMMANDS:
    main.add_command(_command)
add_config_option(main)
require_utf8(main)
