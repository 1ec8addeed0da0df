"""A mail as it goes over the wire: MIME (RFC 2045), headers (RFC 5322), nothing that could be injected."""

import quopri
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.headerregistry import Address
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTP, SMTPUTF8, compat32
from email.utils import format_datetime, formataddr

import idna

from hanko_compat.errors.delivery import MailRefused
from hanko_compat.mail.render import Rendered

# The newer policies parse each header that they are given, which takes four times as long as all the rest.
FAST = compat32.clone(linesep="\r\n")

ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"  # RFC 5322 s. 3.2.3
# An address that every reader of a header takes for itself.
PLAIN_ADDRESS = re.compile(rf"{ATOM}(\.{ATOM})*@[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
QUOTED_PAIR = re.compile(r"\\(.)")  # RFC 5322 s. 3.2.1
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
    is_plain = recipient.isascii() and rendered.subject.isprintable()
    policy = FAST if is_plain else SMTP if recipient.isascii() else SMTPUTF8
    message = MIMEMultipart("alternative", _subparts=_parts(rendered), policy=policy)
    message["From"] = formataddr((sender.display_name, sender.addr_spec))
    message["To"] = recipient
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    # Answering machines stay silent (RFC 3834 s. 5).
    message["Auto-Submitted"] = "auto-generated"
    return Mail(sender.addr_spec, recipient, message.as_bytes())


def _parts(rendered: Rendered) -> list[MIMENonMultipart]:
    return [_part("plain", rendered.text), _part("html", rendered.html)]


def _part(subtype: str, text: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring("\n".join(text.splitlines()).encode() + b"\n").decode())
    return part


def _with_ascii_domain(address: str) -> str:
    """The address with its domain in ASCII (RFC 5891), which any server understands."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else _ascii(domain)}"
    except idna.IDNAError:
        raise MailRefused("no address") from None


def _ascii(domain: str) -> str:
    try:
        return idna.encode(domain).decode()
    except idna.IDNAError:
        # No new address has letters that have to be mapped, full-width ones for example (UTS 46), but users
        # of a Hanko may have one. Their mail goes to the domain for which browsers and mail servers take it.
        return idna.encode(domain, uts46=True).decode()


def _checked(address: str) -> str:
    """The *address*, when a header can't take it for anything else."""
    if PLAIN_ADDRESS.fullmatch(address) and ENCODED_WORD not in address:
        return address
    probe = EmailMessage(policy=SMTP)
    try:
        probe["To"] = address
    except ValueError:
        raise MailRefused("no address") from None
    local, _, domain = address.rpartition("@")
    if local.startswith('"'):
        local = QUOTED_PAIR.sub(r"\1", local[1:-1])  # also where the quotes are not needed
    read = [(each.username, each.domain) for each in probe["To"].addresses]
    # U+FFFD stands for bytes that could not be read: where it is, this is not the address that is stored.
    if not domain or read != [(local, domain)] or "\ufffd" in address:
        raise MailRefused("no address")
    return address
