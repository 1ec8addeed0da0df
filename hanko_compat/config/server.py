"""Sections about the process: ``server``, ``service``, ``log``, ``audit_log``, ``secrets``."""

from dataclasses import dataclass
from datetime import timedelta

from hanko_compat.config.fields import NOT_USED, Address, Choice, Duration, ListOf, Switch, Text
from hanko_compat.config.origins import Origin
from hanko_compat.config.secret_kinds import HiddenJson, Secret, ServerAddress
from hanko_compat.config.settings import section, setting


@dataclass(frozen=True)
class Cors:
    """``server.public.cors``: which web origins may call."""

    allow_origins: tuple[str, ...] = setting(ListOf(Origin()), ("http://localhost:8888",))
    unsafe_wildcard_origin_allowed: bool = setting(Switch(), False)


@dataclass(frozen=True)
class AdminCors:
    """``server.admin.cors``: no admin server is started here."""

    allow_origins: tuple[str, ...] = setting(ListOf(Origin()), ())
    unsafe_wildcard_origin_allowed: bool = setting(Switch(), False)


@dataclass(frozen=True)
class Public:
    """``server.public``: where the server listens."""

    address: str = setting(Address(), ":8000")
    cors: Cors = section(Cors)


@dataclass(frozen=True)
class Admin:
    """``server.admin``: no admin server is started here."""

    address: str = setting(ServerAddress(), ":8001")
    cors: AdminCors = section(AdminCors)


@dataclass(frozen=True)
class Server:
    """``server``; ``management`` is a key of Hanko 3."""

    admin: Admin = section(Admin)
    management: dict[str, object] = setting(HiddenJson(), {})
    public: Public = section(Public)


@dataclass(frozen=True)
class Service:
    """``service``: the name that users see."""

    name: str = setting(Text(required=True), "Hanko Authentication Service")


@dataclass(frozen=True)
class Log:
    """``log``: what the access log holds."""

    log_health_and_metrics: bool = setting(Switch(), False, env="LOGHEALTHANDMETRICS")


@dataclass(frozen=True)
class ConsoleOutput:
    """``audit_log.console_output``: audit events as lines of the console."""

    enabled: bool = setting(Switch(), True)
    output: str = setting(
        Choice("stdout", "stderr", otherwise="stdout is written to"), "stdout", env="OUTPUT_STREAM"
    )


@dataclass(frozen=True)
class AuditStorage:
    """``audit_log.storage``: audit events as rows of the database."""

    enabled: bool = setting(Switch(), False)


@dataclass(frozen=True)
class AuditLog:
    """``audit_log``: where audit events go; ``retention`` is None where it is no duration."""

    console_output: ConsoleOutput = section(ConsoleOutput)
    mask: bool = setting(Switch(), True)
    retention: timedelta | None = setting(Duration(optional=True, otherwise=NOT_USED), timedelta(hours=720))
    storage: AuditStorage = section(AuditStorage)


@dataclass(frozen=True)
class KeyManagement:
    """``secrets.key_management``: only ``local`` is served."""

    key_id: str = setting(Text(), "", env="KEYID")
    region: str = setting(Text(), "")
    type: str = setting(Choice("local", "aws_kms"), "local")


@dataclass(frozen=True)
class Secrets:
    """``secrets``: what encrypts the signing keys; the first encrypts, any may decrypt.

    Unlike Hanko 2.7.0: there is no built-in secret, since Hanko's is public.
    """

    key_management: KeyManagement = section(KeyManagement, env="KEYMANAGEMENT")
    keys: tuple[str, ...] = setting(ListOf(Secret()), ())
