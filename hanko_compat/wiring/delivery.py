"""Deliveries: mails by ``email_delivery.*`` and ``security_notifications.*``, SMS by ``backend_api.sms``."""

from dataclasses import dataclass
from email.headerregistry import Address

from hanko_compat.config import Config
from hanko_compat.mail.mailbox import Mailbox
from hanko_compat.mail.render import Renderer
from hanko_compat.services.delivery.carriers import Carrier
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.letters import LetterCarrier, Letters
from hanko_compat.services.delivery.mail_delivery import MailDelivery
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.delivery.queue import Channel
from hanko_compat.services.delivery.sms import Gateway, GatewaySettings, SmsMessages
from hanko_compat.services.delivery.threads import DeliveryThreads
from hanko_compat.wiring.hooks import build_hook_carrier
from hanko_compat.wiring.mail import build_mailbox, build_renderer, smtp_sender
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.queue import build_queue
from hanko_compat.wiring.webhooks import build_webhook_carrier


@dataclass(frozen=True, slots=True)
class DeliveryServices:
    """What writes mails and SMS, and what delivers all that waits.

    The mailbox is there during development only.
    """

    mails: Mails
    sms: SmsMessages
    renderer: Renderer
    threads: DeliveryThreads
    mailbox: Mailbox | None


def build_delivery(parts: Parts) -> DeliveryServices:
    """The services of deliveries."""
    return DeliveryServices(
        mails=parts.get(build_mails),
        sms=parts.get(build_sms),
        renderer=parts.get(build_renderer),
        threads=parts.get(build_threads),
        mailbox=parts.get(build_mailbox),
    )


def build_mails(parts: Parts) -> Mails:
    """What writes mails."""
    config = parts.config
    wanted = config.security_notifications.notifications
    notices = [notice for notice in Notice if getattr(wanted, notice).enabled]
    return Mails(
        parts.get(build_letters),
        enabled=config.email_delivery.enabled,
        notices=notices if config.hanko_compat.mail.security_notifications else (),
        wake=parts.get(build_queue).wake,
        now=parts.now,
    )


def build_sms(parts: Parts) -> SmsMessages:
    """What writes SMS."""
    return SmsMessages(
        parts.get(build_letters), is_enabled=bool(parts.config.hanko_compat.backend_api.sms.url)
    )


def build_letters(parts: Parts) -> Letters:
    """What puts mails and SMS into the queue."""
    return Letters(parts.get(build_queue), secrets=parts.config.secrets.keys)


def build_threads(parts: Parts) -> DeliveryThreads:
    """What delivers all that waits."""
    queue = parts.get(build_queue)
    carriers: list[Carrier] = [parts.get(build_webhook_carrier), parts.get(build_hook_carrier)]
    if _has_letters(parts.config):
        carriers += [_mail_carrier(parts), _sms_carrier(parts)]
    threads = DeliveryThreads(Dispatcher(queue, carriers, monotonic=parts.now.monotonic))
    queue.listen(threads.wake)
    return threads


def _has_letters(config: Config) -> bool:
    """Whether there may be mails or SMS to deliver."""
    return config.email_delivery.enabled or bool(config.hanko_compat.backend_api.sms.url)


def _mail_carrier(parts: Parts) -> LetterCarrier:
    settings = parts.config.email_delivery
    mail = MailDelivery(
        renderer=parts.get(build_renderer),
        sender=parts.sender or parts.get(build_mailbox) or smtp_sender(parts.config),
        mail_from=Address(settings.from_name, addr_spec=settings.from_address),
    )
    count = parts.get(build_metrics).count_mail
    return LetterCarrier(Channel.MAIL, parts.get(build_letters), send=mail.send, rest=mail.rest, count=count)


def _sms_carrier(parts: Parts) -> LetterCarrier:
    gateway = Gateway(_gateway_settings(parts.config), service=parts.config.service.name)
    count = parts.get(build_metrics).count_mail
    return LetterCarrier(Channel.SMS, parts.get(build_letters), send=gateway.send, count=count)


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
