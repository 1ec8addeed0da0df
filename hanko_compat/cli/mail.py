"""``hanko-compat mail``: what mails look like."""

from pathlib import Path

import click

from hanko_compat.cli.settings import Settings
from hanko_compat.services.delivery.mails import LANGUAGES, previews
from hanko_compat.wiring.mail import mail_renderer


@click.group("mail")
def mail_group() -> None:
    """See what mails look like."""


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
