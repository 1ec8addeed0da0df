"""What a mail says: subject, plain and HTML part, in one of the languages, by our templates or others.

A template is looked for as ``passcode.de.html``, then as ``passcode.html``; for notices then as
``notice.de.html`` and ``notice.html``; the operator's folder counts before ours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hanko_compat.errors.delivery import MailTemplateInvalid
from hanko_compat.mail.languages import LANGUAGES, texts

PASSCODE = "passcode"
CHALLENGE, CHALLENGE_LINK = "challenge", "challenge_link"
GUESSING, GUESSING_LINK = "guessing", "guessing_link"
PURPOSES = {PASSCODE: "code", CHALLENGE: "code", CHALLENGE_LINK: "link", GUESSING_LINK: "link"}
"""The value that a mail is written for, by its kind."""
NOTICES = ("email_create", "email_delete", "primary_email_update", "password_update")
KINDS = (*PURPOSES, GUESSING, *NOTICES)

SAMPLES: dict[str, dict[str, str]] = {
    PASSCODE: {"code": "123456", "minutes": "5"},
    CHALLENGE: {"code": "123456", "minutes": "5"},
    CHALLENGE_LINK: {"link": "https://www.example.com/confirm?value=123456", "minutes": "5"},
    GUESSING: {"time": "2026-01-31 12:34"},
    GUESSING_LINK: {
        "link": "https://auth.example.com/device-cookie?token=123456",
        "days": "7",
        "time": "2026-01-31 12:34",
    },
    **{kind: {"address": "alice@example.com", "time": "2026-01-31 12:34"} for kind in NOTICES},
}
"""Values to try a template with, and to show it to people."""

# What an expression of a template can raise, beside what Jinja makes of it.
FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)
SUFFIXES = (".html", ".txt")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail in one language, without an address on it."""

    subject: str
    text: str
    html: str


class Renderer:
    """Renders every kind of mail. Threads may share it."""

    def __init__(self, *, service: str, templates: Path | None = None) -> None:
        """Take the name of the service and the folder of the operator's own templates, if there is one."""
        self._service = service
        self._folder = templates
        own: list[BaseLoader] = [FileSystemLoader(templates)] if templates else []
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([*own, PackageLoader("hanko_compat.mail")]),
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            auto_reload=False,
        )
        # Found once: the search asks the file system for each name that is not there.
        self._templates: dict[tuple[str, str, str], Template] = {}

    def render(self, kind: str, language: str, values: Mapping[str, str]) -> Rendered:
        """Render a mail of one of `KINDS`; *values* are what `SAMPLES` has for the kind.

        Raises:
            MailTemplateInvalid: a template can't be read or rendered.
        """
        known = {"service": self._service, **values}
        context: dict[str, object] = {
            **known,
            "kind": kind,
            "language": language,
            "text": lambda section, name: texts(language)[section][name].format_map(known),
        }
        if "minutes" in values:
            context["validity"] = _validity(int(values["minutes"]))
        # One line, whatever a template makes of it.
        subject = " ".join(self._part("subject.txt", context).split())
        context["subject"] = subject
        return Rendered(subject, self._part("txt", context), self._part("html", context))

    def check(self) -> None:
        """Try every template in every language.

        Raises:
            MailTemplateInvalid: one can't be rendered or lacks passcode or link, or its name fits no mail.
        """
        if self._folder is not None:
            self._check_names(self._folder)
            for kind in KINDS:
                for language in LANGUAGES:
                    self._check_mail(kind, language)

    def _part(self, suffix: str, context: Mapping[str, object]) -> str:
        kind, language = str(context["kind"]), str(context["language"])
        names = list(_names(kind, language, suffix))
        try:
            template = self._templates.get((kind, language, suffix))
            if template is None:
                template = self._environment.select_template(names)
                self._templates[kind, language, suffix] = template
            return template.render(context)
        except FAULTS as error:
            where = (
                f"{error.name}, line {error.lineno}" if isinstance(error, TemplateSyntaxError) else names[0]
            )
            raise MailTemplateInvalid(
                f"hanko_compat.mail.templates: {where}: {type(error).__name__}: {error}"
            ) from error

    def _check_names(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MailTemplateInvalid(f"hanko_compat.mail.templates: {folder} is no folder")
        known = {"layout.html"}
        for kind in KINDS:
            for language in LANGUAGES:
                for suffix in ("subject.txt", "txt", "html"):
                    known.update(_names(kind, language, suffix))
        strays = (
            file.name
            for file in sorted(folder.iterdir())
            if file.suffix in SUFFIXES and not file.name.startswith("_") and file.name not in known
        )
        for name in strays:
            raise MailTemplateInvalid(
                f"hanko_compat.mail.templates: no mail is made from {name}: mind the spelling, "
                "or let the names of files that others include begin with _"
            )

    def _check_mail(self, kind: str, language: str) -> None:
        values = SAMPLES[kind]
        rendered = self.render(kind, language, values)
        if kind not in PURPOSES:
            return
        name = PURPOSES[kind]
        for part in ("text", "html"):
            if values[name] not in getattr(rendered, part):
                raise MailTemplateInvalid(
                    f"hanko_compat.mail.templates: the {part} part of {kind} ({language}) lacks "
                    f"the {'passcode' if name == 'code' else name}: write {{{{ {name} }}}}"
                )


def _names(kind: str, language: str, suffix: str) -> Iterator[str]:
    """The files that a part may be made from, the one that counts most first."""
    for stem in (kind, "notice") if kind in NOTICES else (kind,):
        yield f"{stem}.{language}.{suffix}"
        yield f"{stem}.{suffix}"
    if suffix == "subject.txt":
        yield suffix


def _validity(minutes: int) -> str:
    """Name the text that fits a number of minutes."""
    return {0: "valid_less", 1: "valid_one"}.get(minutes, "valid_other")
