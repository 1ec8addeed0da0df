"""Sections about mails: ``email_delivery``, ``security_notifications`` and the deprecated ``smtp``."""

from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.fields import Kind, Port, Switch, Text
from hanko_compat.config.secret_kinds import Hidden, ServerAddress
from hanko_compat.config.settings import section, setting


class Sender(Kind[str]):
    """The address that mails come from, without a name."""

    def _read(self, value: Any) -> str:
        try:
            address = Address(addr_spec=value if isinstance(value, str) else "")
        except (MessageError, ValueError, IndexError):
            address = Address()
        if not address.username or not address.domain or not str(value).isascii():
            raise ValidationError("Must be an address such as noreply@example.com.")
        return str(value)


@dataclass(frozen=True)
class Smtp:
    """``email_delivery.smtp``: the server that takes the mails. Some providers want a key as the user."""

    host: str = setting(ServerAddress(), "localhost")
    password: str = setting(Hidden(), "")
    port: str = setting(Port(), "465")
    user: str = setting(Hidden(), "")


@dataclass(frozen=True)
class EmailDelivery:
    """``email_delivery``: whether and how mails are sent; ``has_smtp``: whether a server was named."""

    enabled: bool = setting(Switch(), True)
    from_address: str = setting(Sender(), "noreply@hanko.io")
    from_name: str = setting(Text(), "Hanko")
    smtp: Smtp = section(Smtp)

    has_smtp: bool = field(default=False)


@dataclass(frozen=True)
class Notification:
    """One kind of security notification."""

    enabled: bool = setting(Switch(), True)


@dataclass(frozen=True)
class Notifications:
    """``security_notifications.notifications``: which changes are reported to the user."""

    email_create: Notification = section(Notification, env="EMAILCREATE")
    email_delete: Notification = section(Notification, env="EMAILDELETE")
    mfa_create: Notification = section(Notification, env="MFACREATE")
    mfa_delete: Notification = section(Notification, env="MFADELETE")
    passkey_create: Notification = section(Notification, env="PASSKEYCREATE")
    password_update: Notification = section(Notification, env="PASSWORDUPDATE")
    primary_email_update: Notification = section(Notification, env="PRIMARYEMAILUPDATE")


@dataclass(frozen=True)
class SecurityNotifications:
    """``security_notifications``: mails about changes to an account."""

    notifications: Notifications = section(Notifications)
