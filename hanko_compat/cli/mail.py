"""``hanko-compat mail``: what mails look like, and whether they arrive."""

from email.headerregistry import Address
from pathlib import Path
from uuid import uuid4

import click

from hanko_compat.cli.settings import Settings
from hanko_compat.clock import utc_now
from hanko_compat.config.secret_kinds import server_of
from hanko_compat.errors import OperatorError
from hanko_compat.errors.delivery import MailFailed
from hanko_compat.services.delivery.mail_delivery import send_sample
from hanko_compat.services.delivery.mails import KINDS, LANGUAGES, previews
from hanko_compat.services.emails.addresses import normalise
from hanko_compat.wiring.mail import mail_renderer, smtp_sender


@click.group("mail")
def mail_group() -> None:
    """See what mails look like, and whether they arrive."""


@mail_group.command("preview")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("mails"),
    show_default=True,
    metavar="DIR",
    help="Folder to write to; it is made when missing.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(LANGUAGES),
    help="Only this language; may be given several times. [default: all]",
)
@click.pass_obj
def preview(settings: Settings, *, out: Path, languages: tuple[str, ...]) -> None:
    """Write each mail as HTML and as text, with made-up values.

    The files are named kind.language.html and .txt; the text begins with the subject. Templates of
    hanko_compat.mail.templates are used, and the first that is broken is named.
    """
    # Nothing is served, so secrets may be missing.
    renderer = mail_renderer(settings.load(dev=True))
    renderer.check()
    out.mkdir(parents=True, exist_ok=True)
    for each in previews(renderer, languages or LANGUAGES):
        (out / f"{each.name}.html").write_text(each.html, encoding="utf-8")
        (out / f"{each.name}.txt").write_text(f"Subject: {each.subject}\n\n{each.text}", encoding="utf-8")
        click.echo(out / f"{each.name}.html")


@mail_group.command("test")
@click.argument("address", metavar="ADDRESS")
@click.option(
    "--kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="Which mail it is."
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help="In which language.",
)
@click.pass_obj
def send_test(settings: Settings, *, address: str, kind: str, language: str) -> None:
    """Send one mail with made-up values, at once, and say what the mail server answers.

    It goes to the server of email_delivery.smtp, from email_delivery.from_address, as every mail does. When
    the server has taken it and it still does not arrive, look into its log, and at the SPF and DKIM records
    of the domain.
    """
    # Nothing is served, so secrets may be missing.
    config = settings.load(dev=True)
    delivery = config.email_delivery
    place = f"{server_of(delivery.smtp.host)}:{delivery.smtp.port}"
    normalise(address)
    try:
        send_sample(
            mail_renderer(config),
            smtp_sender(config),
            kind=kind,
            language=language,
            to=address,
            mail_from=Address(delivery.from_name, addr_spec=delivery.from_address),
            message_id=str(uuid4()),
            written_at=utc_now(),
        )
    except MailFailed as error:
        raise OperatorError(
            f"{place} (section email_delivery.smtp) has not taken the mail: {error}"
        ) from error
    click.echo(f"{place} has taken the mail for {address}")
    if not delivery.enabled:
        click.echo("note: email_delivery.enabled is false, so servers send no mail", err=True)
