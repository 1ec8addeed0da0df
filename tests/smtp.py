"""A real mail server on the loopback interface: with TLS, with log-in, one that refuses, one that hangs."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache, partial
from ipaddress import ip_address
from pathlib import Path
from threading import Condition
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.servers.process import free_port

PATIENCE = 60  # seconds until a mail will not come any more
OK = "250 OK"


class ClosingController(Controller):
    """Closes its connections before it stops: its loop leaves them to the garbage collector, which warns."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._protocols: list[Any] = []

    def factory(self) -> Any:
        protocol = super().factory()
        self._protocols.append(protocol)
        return protocol

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(PATIENCE)
        super().stop(no_assert)

    async def _close(self) -> None:
        self.server.close()
        while connected := [each.transport for each in self._protocols if each.transport is not None]:
            for transport in connected:
                transport.abort()
            await asyncio.sleep(0)


@dataclass(frozen=True)
class Received:
    """A mail that arrived."""

    mail_from: str
    to: list[str]
    message: EmailMessage
    raw: bytes
    was_encrypted: bool
    user: str | None
    at: datetime


@dataclass
class MailServer:
    """The server; what it answers may be changed at any time, ``rcpt="450 later"``.

    With ``hangs`` it takes a mail after DATA and never says so, without ``quits`` it does not answer QUIT.
    """

    tls: Literal["none", "starttls", "implicit"] = "none"
    login: tuple[str, str] | None = None
    utf8: bool = False
    rcpt: str = OK
    mail: str = OK
    data: str = OK
    hangs: bool = False
    quits: bool = True
    certificate: Path | None = None
    received: list[Received] = field(default_factory=list)
    attempts: int = 0
    _changed: Condition = field(default_factory=Condition)

    def __enter__(self) -> "MailServer":
        context = server_context(self.certificate) if self.certificate else None
        options: dict[str, Any] = {"enable_SMTPUTF8": self.utf8}
        if self.tls == "implicit":
            options["ssl_context"] = context
        elif self.tls == "starttls":
            options["tls_context"] = context
        if self.login:
            options |= {"authenticator": self._authenticate, "auth_require_tls": False}
        self._controller = ClosingController(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            server_hostname="mail.example.test",
            ready_timeout=PATIENCE,
            **options,
        )
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return self._controller.port

    def wait_for(self, number: int, *, patience: float = PATIENCE) -> list[Received]:
        """Wait until so many mails have come; return all."""
        self._wait(lambda: len(self.received) >= number, patience)
        return self.received

    def wait_for_mail(self, to: str, *, number: int = 1) -> Received:
        """Wait until so many mails have come to one address; return the last of them."""
        self._wait(lambda: len(self.mails(to)) >= number)
        return self.mails(to)[number - 1]

    def mails(self, to: str) -> list[Received]:
        """The mails that have come to one address, the oldest first."""
        return [mail for mail in self.received if mail.to == [to]]

    def wait_for_attempts(self, number: int) -> None:
        """Wait until somebody tried so many times to send something."""
        self._wait(lambda: self.attempts >= number)

    def _wait(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, patience), f"{self.received}, {self.attempts} attempts"

    def _authenticate(
        self, _server: Any, session: Session, _envelope: Any, _how: str, data: Any
    ) -> AuthResult:
        is_right = isinstance(data, LoginPassword) and self.login == (
            data.login.decode(),
            data.password.decode(),
        )
        session.user = data.login.decode() if is_right else None
        return AuthResult(success=is_right, handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail == OK:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        with self._changed:
            self.attempts += 1
            self._changed.notify_all()
        if self.rcpt == OK:
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data != OK:
            return self.data
        raw = bytes(envelope.content)
        received = Received(
            mail_from=envelope.mail_from,
            to=list(envelope.rcpt_tos),
            message=message_from_bytes(raw, _class=EmailMessage, policy=SMTP),
            raw=raw,
            was_encrypted=self.tls == "implicit" or session.ssl is not None,
            user=getattr(session, "user", None),
            at=datetime.now(UTC),
        )
        with self._changed:
            self.received.append(received)
            self._changed.notify_all()
        if self.hangs:
            await asyncio.sleep(3600)
        return OK

    async def handle_QUIT(self, _server: Any, _session: Session, _envelope: Any) -> str:  # noqa: N802
        if not self.quits:
            await asyncio.sleep(3600)
        return "221 bye"


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def trusting(certificate: Path) -> Callable[[], ssl.SSLContext]:
    """Make what a client trusts: this certificate and no other."""
    return partial(ssl.create_default_context, cafile=certificate)


@cache
def certificate_for(*names: str) -> bytes:
    """A key and a certificate that it signed itself, for host names or addresses, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    alternatives = [
        x509.IPAddress(ip_address(name)) if name.replace(".", "").isdigit() else x509.DNSName(name)
        for name in names
    ]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)
