"""Mail: templates, the server by ``email_delivery.*``, and a mailbox during development."""

import socket
import sys
from pathlib import Path

from hanko_compat.config import Config
from hanko_compat.mail.mailbox import Mailbox
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import SMTPS_PORT, SmtpSender, SmtpServer, is_loopback
from hanko_compat.wiring.parts import Parts

MAILBOX = Path("var/mails")
"""Where mails are kept during development."""


def build_renderer(parts: Parts) -> Renderer:
    """What renders mails."""
    return mail_renderer(parts.config)


def build_mailbox(parts: Parts) -> Mailbox | None:
    """What keeps mails during development, and hands them on where a mail server is configured."""
    config = parts.config
    if not config.dev:
        return None
    forward = smtp_sender(config) if config.email_delivery.has_smtp else None
    return Mailbox(MAILBOX, announce=_tell_developer, forward=forward)


def mail_renderer(config: Config) -> Renderer:
    """What renders mails."""
    folder = config.hanko_compat.mail.templates
    return Renderer(service=config.service.name, templates=Path(folder) if folder else None)


def smtp_sender(config: Config) -> SmtpSender:
    """What hands mails to the configured server."""
    smtp, port = config.email_delivery.smtp, int(config.email_delivery.smtp.port)
    server = SmtpServer(
        smtp.host,
        port,
        user=smtp.user,
        password=smtp.password,
        implicit_tls=port == SMTPS_PORT,
        requires_tls=config.hanko_compat.mail.require_tls,
    )
    return SmtpSender(server)


def may_lose_tls(config: Config, connected: socket.socket | None) -> bool:
    """Whether somebody between here and the mail server may keep mails from being encrypted."""
    is_demanded = config.hanko_compat.mail.require_tls or int(config.email_delivery.smtp.port) == SMTPS_PORT
    return not is_demanded and not is_loopback(connected)


def _tell_developer(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
