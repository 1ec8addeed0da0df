"""Mails by ``email_delivery.*`` and ``security_notifications.*``, SMS by ``hanko_compat.backend_api.sms``."""

import sys
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

from hanko_compat.config import Config
from hanko_compat.mail.mailbox import Mailbox
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import SMTPS_PORT, SmtpSender, SmtpServer
from hanko_compat.services.delivery.mail_delivery import Delivery
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.delivery.outbox import Outbox
from hanko_compat.services.delivery.sms import KIND, Gateway, GatewaySettings, SmsMessages
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts

MAILBOX = Path("var/mails")
"""Where mails are kept during development."""


@dataclass(frozen=True, slots=True)
class DeliveryServices:
    """What writes mails and SMS, and what delivers them; the mailbox is there during development only."""

    mails: Mails
    sms: SmsMessages
    mail_delivery: Delivery
    mailbox: Mailbox | None


def build_delivery(parts: Parts) -> DeliveryServices:
    """The services of mails and SMS."""
    return DeliveryServices(
        mails=parts.get(build_mails),
        sms=parts.get(build_sms),
        mail_delivery=parts.get(build_mail_delivery),
        mailbox=parts.get(build_mailbox),
    )


def build_mails(parts: Parts) -> Mails:
    """What writes mails."""
    config = parts.config
    wanted = config.security_notifications.notifications
    notices = [notice for notice in Notice if getattr(wanted, notice).enabled]
    return Mails(
        parts.get(build_outbox),
        enabled=config.email_delivery.enabled,
        notices=notices if config.hanko_compat.mail.security_notifications else (),
        wake=parts.get(build_mail_delivery).wake,
        now=parts.now,
    )


def build_sms(parts: Parts) -> SmsMessages:
    """What writes SMS."""
    return SmsMessages(
        parts.get(build_outbox), is_enabled=bool(parts.config.hanko_compat.backend_api.sms.url)
    )


def build_outbox(parts: Parts) -> Outbox:
    """What waits to be delivered."""
    return Outbox(parts.get(build_database), secrets=parts.config.secrets.keys, now=parts.now)


def build_mail_delivery(parts: Parts) -> Delivery:
    """What delivers mails and SMS."""
    config, settings = parts.config, parts.config.email_delivery
    return Delivery(
        parts.get(build_outbox),
        renderer=mail_renderer(config),
        sender=parts.sender or parts.get(build_mailbox) or smtp_sender(config),
        mail_from=Address(settings.from_name, addr_spec=settings.from_address),
        count=parts.get(build_metrics).count_mail,
        carriers={KIND: Gateway(_gateway_settings(config), service=config.service.name).carry},
    )


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
        smtp.host, port, user=smtp.user, password=smtp.password, implicit_tls=port == SMTPS_PORT
    )
    return SmtpSender(server)


def has_letters(config: Config) -> bool:
    """Whether there may be mails or SMS to deliver."""
    return config.email_delivery.enabled or bool(config.hanko_compat.backend_api.sms.url)


def _gateway_settings(config: Config) -> GatewaySettings:
    sms = config.hanko_compat.backend_api.sms
    return GatewaySettings(
        url=sms.url,
        content_type=sms.content_type,
        body=sms.body,
        headers=sms.headers,
        timeout=sms.timeout.total_seconds(),
        networks=sms.private_networks,
    )


def _tell_developer(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
