"""A mail as it goes over the wire: MIME (RFC 2045), headers (RFC 5322), nothing that could be injected.

Written by hand, as the standard library takes ten times as long to put such a mail together; it still writes
each header that is more than a short line of ASCII.
"""

import re
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache

import idna

from hanko_compat.errors import MailRefused
from hanko_compat.mail.render import Rendered

# In no part: after its = quoted-printable has two hexadecimal digits or a line's end (RFC 2045 s. 6.7).
BOUNDARY = "=_hanko_compat"
LONGEST_LINE = 78  # characters; RFC 5322 s. 2.1.1
ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"  # RFC 5322 s. 3.2.3
# An address that every reader of a header takes for itself.
PLAIN_ADDRESS = re.compile(rf"{ATOM}(\.{ATOM})*@[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
ENCODED_WORD = "=?"  # RFC 2047 s. 2


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with the two addresses of its envelope."""

    sender: str
    recipient: str
    content: bytes  # headers and parts; lines end with CR LF

    @property
    def needs_utf8(self) -> bool:
        """Whether only servers with SMTPUTF8 can take it (RFC 6531)."""
        return not self.content.isascii()

    def parsed(self) -> EmailMessage:
        """The mail as its reader sees it."""
        return message_from_string(self.content.decode(), policy=SMTP)


def compose(rendered: Rendered, *, sender: Address, to: str, message_id: str, written_at: datetime) -> Mail:
    """Put a mail together; *message_id* is the part before the ``@``, and stays when the mail is sent again.

    Raises:
        MailRefused: *to* is not exactly one address.
    """
    recipient = _checked(_with_ascii_domain(to))
    lines = [
        _from(sender.display_name, sender.addr_spec),
        _header("To", recipient),
        _header("Subject", rendered.subject),
        f"Date: {format_datetime(written_at)}\r\n",
        f"Message-ID: <{message_id}@{sender.domain}>\r\n",
        # Answering machines stay silent (RFC 3834 s. 5).
        "Auto-Submitted: auto-generated\r\n",
        "MIME-Version: 1.0\r\n",
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n',
        _part("plain", rendered.text),
        _part("html", rendered.html),
        f"--{BOUNDARY}--\r\n",
    ]
    return Mail(sender.addr_spec, recipient, "".join(lines).encode())


def _part(subtype: str, text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    encoded = b2a_qp(lines.replace("\n", "\r\n").encode()).decode()
    return (
        f"--{BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{encoded}"
    )


def _header(name: str, value: str) -> str:
    """A header of one line or, where that does not do, of folded and encoded ones.

    Raises:
        ValueError: *value* holds a line's end.
    """
    line = f"{name}: {value}"
    if line.isascii() and line.isprintable() and len(line) <= LONGEST_LINE and line == line.rstrip():
        return f"{line}\r\n"
    return _folded(name, value)


def _folded(name: str, value: str | Address) -> str:
    policy = SMTPUTF8 if name == "To" else SMTP
    text: str = policy.fold(*policy.header_store_parse(name, value))
    return text


@lru_cache(maxsize=8)
def _from(display_name: str, address: str) -> str:
    return _folded("From", Address(display_name, addr_spec=address))


def _with_ascii_domain(address: str) -> str:
    """The address with its domain in ASCII (RFC 5891), which any server understands."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain).decode()}"
    except idna.IDNAError:
        raise MailRefused("no address") from None


def _checked(address: str) -> str:
    """The *address*, when a header can't take it for anything else (security item 10)."""
    if PLAIN_ADDRESS.fullmatch(address) and ENCODED_WORD not in address:
        return address
    probe = EmailMessage(policy=SMTP)
    try:
        probe["To"] = address
    except ValueError:
        raise MailRefused("no address") from None
    if [each.addr_spec for each in probe["To"].addresses] != [address]:
        raise MailRefused("no address")
    return address
