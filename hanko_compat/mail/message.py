"""A mail as it goes over the wire: MIME (RFC 2045), headers (RFC 5322), nothing that could be injected."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna

from hanko_compat.errors import MailRefused
from hanko_compat.mail.render import Rendered


def compose(
    rendered: Rendered, *, sender: Address, to: str, message_id: str, written_at: datetime
) -> EmailMessage:
    """Put a mail together; *message_id* is the part before the ``@``, and stays when the mail is sent again.

    Raises:
        MailRefused: *to* is not exactly one address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _checked(_with_ascii_domain(to))
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{message_id}@{sender.domain}>"
    # Answering machines stay silent (RFC 3834 s. 5).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(rendered.text, cte="quoted-printable")
    message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    return message


def _with_ascii_domain(address: str) -> str:
    """The address with its domain in ASCII (RFC 5891), which any server understands."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain).decode()}"
    except idna.IDNAError:
        raise MailRefused("no address") from None


def _checked(address: str) -> str:
    """The *address*, when a header can't take it for anything else (security item 10)."""
    probe = EmailMessage(policy=SMTP)
    try:
        probe["To"] = address
    except ValueError:
        raise MailRefused("no address") from None
    if [each.addr_spec for each in probe["To"].addresses] != [address]:
        raise MailRefused("no address")
    return address
