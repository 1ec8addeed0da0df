"""``users disable``, ``enable`` and ``delete``."""

import click

from hanko_compat.cli.operator import confirm, opened, operator, user_argument, yes_option
from hanko_compat.cli.output import harmless
from hanko_compat.cli.settings import Settings
from hanko_compat.services.users.overviews import UserOverview
from hanko_compat.services.users.records import UserStatus
from hanko_compat.storage.engine.database import Access


@click.command()
@user_argument
@yes_option
@click.pass_obj
def disable(settings: Settings, *, user: str, is_sure: bool) -> None:
    """Keep a user from logging in, and end the user's sessions. Nothing is deleted."""
    with opened(settings.load(), Access.WRITE) as services:
        overview = services.users.overviews.get(services.users.names.find(user))
        user_id = overview.record.id
        confirm(f"End all sessions of {_called(overview)}, and allow no other?", is_sure=is_sure)
        services.users.records.update(user_id, name=None, status=UserStatus.DISABLED, client=operator())
    click.echo(f"user {user_id}: is disabled")


@click.command()
@user_argument
@click.pass_obj
def enable(settings: Settings, *, user: str) -> None:
    """Let a user log in again who was disabled, or is pending."""
    with opened(settings.load(), Access.WRITE) as services:
        user_id = services.users.names.find(user)
        services.users.records.update(user_id, name=None, status=UserStatus.ACTIVE, client=operator())
    click.echo(f"user {user_id}: is active")


@click.command()
@click.argument("users", metavar="USER...", nargs=-1, required=True)
@yes_option
@click.pass_obj
def delete(settings: Settings, *, users: tuple[str, ...], is_sure: bool) -> None:
    """Delete users with everything that belongs to them. It can't be undone.

    All of them have to exist before the first is deleted. It works where users can't delete themselves, too.
    """
    with opened(settings.load(), Access.WRITE) as services:
        user_ids = dict.fromkeys(services.users.names.find(user) for user in users)
        overviews = [services.users.overviews.get(user_id) for user_id in user_ids]
        called = ", ".join(_called(overview) for overview in overviews)
        confirm(f"Delete {called}, with everything that belongs to the user?", is_sure=is_sure)
        client = operator()
        for user_id in user_ids:
            services.users.records.delete(user_id, client=client)
            click.echo(f"user {user_id}: is deleted")


def _called(overview: UserOverview) -> str:
    """The user as a question names it: whoever mistypes an id sees whose it is."""
    values = [each.value for each in overview.identifiers]
    return harmless(f"{overview.record.id} ({', '.join(values) or overview.record.name or 'without a name'})")
