"""Hands mails to an SMTP server (RFC 5321): TLS from the start on port 465, STARTTLS where it is offered."""

import base64
import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from threading import Timer
from typing import Protocol

from hanko_compat.errors import MailDelayed, MailRefused

SMTPS_PORT = 465  # RFC 8314 s. 7.3
STEP_TIMEOUT = 10.0
"""Seconds that a server may take for one answer."""
TOTAL_TIMEOUT = 25.0
"""Seconds that a server may take for a whole mail."""

AUTHENTICATED = 235  # RFC 4954 s. 6
ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463


class Sender(Protocol):
    """What mails are given to."""

    def send(self, message: EmailMessage) -> None:
        """Deliver *message* to the one address in its ``To``.

        Raises:
            MailRefused: it will not be taken, however often one tries.
            MailDelayed: it was not taken now.
        """


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails go; without a *user* nobody logs in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    implicit_tls: bool = False  # from the first byte, as on `SMTPS_PORT`; otherwise STARTTLS where offered


class SmtpSender:
    """Sends each mail on a connection of its own. Threads may share it."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Deliver *message*; see `Sender`."""
        envelope_from = message["From"].addresses[0].addr_spec
        recipient = message["To"].addresses[0].addr_spec
        try:
            with self.connect() as connection:
                connection.send_message(message, envelope_from, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = error.recipients[recipient]
            raise _failure(code, text) from error
        except smtplib.SMTPDataError as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            # Letters outside ASCII before the @, which the server can't handle (RFC 6531).
            raise MailRefused("the server lacks SMTPUTF8") from error
        except smtplib.SMTPResponseException as error:
            # About us, not about this mail: an operator may mend it before the mail is of no use.
            raise MailDelayed(_reason(error.smtp_code, error.smtp_error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailDelayed(_cause(error)) from error

    def connect(self) -> smtplib.SMTP:
        """A connection on which mails can be sent: encrypted where possible, logged in where configured.

        Raises:
            OSError: no connection, an untrusted certificate, no answer in time.
            smtplib.SMTPException: the server answers with an error.
            MailDelayed: the password would go over the network in clear.
        """
        server = self._server
        context = ssl.create_default_context()
        if server.implicit_tls:
            connection: smtplib.SMTP = _Smtps(server, context=context)
        else:
            connection = _Smtp(server)
        try:
            self._prepare(connection, context)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
        if self._server.user:
            if not isinstance(connection.sock, ssl.SSLSocket) and not _is_loopback(connection.sock):
                raise MailDelayed("the server offers no TLS, so it gets no password")
            _log_in(connection, self._server.user, self._server.password)


class _Smtp(smtplib.SMTP):
    """A connection that is cut when the whole mail takes too long, however slowly the server drips."""

    def __init__(self, server: SmtpServer) -> None:
        self._watchdog = Timer(TOTAL_TIMEOUT, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            super().__init__(server.host, server.port, local_hostname=_own_name(), timeout=STEP_TIMEOUT)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; smtplib does it on every way out."""
        self._watchdog.cancel()
        super().close()

    def _cut(self) -> None:
        """End what another thread waits for: it reads the end of the stream. That thread closes."""
        connected = self.sock
        if connected is not None:
            with suppress(OSError):
                # Not SSLSocket's own method: it would take the TLS layer away from under the reader.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _Smtps(_Smtp):
    """The same with TLS from the first byte."""

    def __init__(self, server: SmtpServer, *, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(server)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    if (user + password).isascii():
        connection.login(user, password)
        return
    # smtplib knows ASCII alone; PLAIN takes UTF-8 (RFC 4616).
    secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
    code, answer = connection.docmd("AUTH", f"PLAIN {secret}")
    if code != AUTHENTICATED:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _failure(code: int, text: bytes | str) -> MailRefused | MailDelayed:
    reason = _reason(code, text)
    return MailRefused(reason) if 500 <= code < 600 else MailDelayed(reason)


def _reason(code: int, text: bytes | str) -> str:
    """The numbers of an answer alone: its words may quote the address, or the mail."""
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    enhanced = ENHANCED_CODE.match(raw)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return str(error)  # smtplib's own words
    return getattr(error, "strerror", None) or type(error).__name__


def _is_loopback(connected: socket.socket | None) -> bool:
    """Whether what is sent stays on this machine."""
    if connected is None or connected.family == socket.AF_UNIX:
        return False
    return ip_address(connected.getpeername()[0].partition("%")[0]).is_loopback


def _own_name() -> str:
    """What EHLO says. smtplib would ask the name server, which may take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
