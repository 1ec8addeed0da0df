"""Sections about mails: ``email_delivery``, ``security_notifications`` and the deprecated ``smtp``."""

from dataclasses import dataclass

from hanko_compat.config.fields import Port, Switch, Text
from hanko_compat.config.settings import section, setting


@dataclass(frozen=True)
class Smtp:
    """``email_delivery.smtp``: the server that takes the mails."""

    host: str = setting(Text(), "localhost")
    password: str = setting(Text(), "", secret=True)
    port: str = setting(Port(), "465")
    user: str = setting(Text(), "")


@dataclass(frozen=True)
class EmailDelivery:
    """``email_delivery``: whether and how mails are sent."""

    enabled: bool = setting(Switch(), True)
    from_address: str = setting(Text(), "noreply@hanko.io")
    from_name: str = setting(Text(), "Hanko")
    smtp: Smtp = section(Smtp)


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
