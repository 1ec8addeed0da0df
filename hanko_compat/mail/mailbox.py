"""The mailbox of ``serve --dev``: mails are kept as files, so that they outlive the server's reloads."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from hanko_compat.mail.message import Mail
from hanko_compat.mail.sender import Sender

KEPT = 50
"""How many mails stay; older ones are deleted."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail as a reader sees it; ``name`` is that of its file without ``.eml``."""

    name: str
    to: str
    subject: str
    text: str
    html: str
    written_at: datetime


class Mailbox:
    """Keeps what is sent in a folder, and passes it on where there is a real server too."""

    def __init__(self, folder: Path, *, announce: Callable[[str], None], forward: Sender | None) -> None:
        """*announce* takes one line for each mail."""
        self._folder = folder
        self._announce = announce
        self._forward = forward

    def send(self, mail: Mail) -> None:
        """Keep *mail*, then pass it on; see `hanko_compat.mail.sender.Sender`."""
        message = mail.parsed()
        name = message["Message-ID"].strip("<>").partition("@")[0]
        path = self._folder / f"{name}.eml"
        if not path.exists():
            self._write(path, mail.content)
            self._announce(_printable(f"mail to {message['To']}: {message['Subject']}"))
        if self._forward is not None:
            self._forward.send(mail)

    def rest(self, *, idle_for: float) -> None:
        """Have the real server's connections closed; see `hanko_compat.mail.sender.Sender`."""
        if self._forward is not None:
            self._forward.rest(idle_for=idle_for)

    def list(self) -> list[StoredMail]:
        """Every mail, the newest first."""
        return [_read(path) for path in self._files()]

    def find(self, name: str) -> StoredMail | None:
        """The mail of that name."""
        return next((_read(path) for path in self._files() if path.stem == name), None)

    def _files(self) -> Iterator[Path]:
        return iter(
            sorted(self._folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        )

    def _write(self, path: Path, content: bytes) -> None:
        """Write the whole file in one step, for its owner's eyes only, and drop the oldest."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
        for old in list(self._files())[KEPT:]:
            old.unlink(missing_ok=True)


def _read(path: Path) -> StoredMail:
    message = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=SMTP)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    return StoredMail(
        name=path.stem,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=plain.get_content() if plain else "",
        html=html.get_content() if html else "",
        written_at=message["Date"].datetime,
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
