"""Hands mails to an SMTP server (RFC 5321): TLS from the start on port 465, STARTTLS where it is offered.

Who can alter what is on its way can also remove that offer (RFC 3207 s. 6), so that everything goes in clear:
only `SmtpServer.requires_tls` is safe from that.

A connection is kept for the next mail. One that died meanwhile is noticed before the server agrees to take
the mail's content: up to there it is safe to begin again on another.
"""

import base64
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from ipaddress import ip_address
from threading import Lock, Timer
from typing import Protocol

from hanko_compat.errors.delivery import MailDelayed, MailRefused
from hanko_compat.mail.message import Mail

SMTPS_PORT = 465  # RFC 8314 s. 7.3

TAKEN = 250  # RFC 5321 s. 4.2.3
TO_BE_FORWARDED = 251
GO_AHEAD = 354
CLOSING = 421

AUTHENTICATED = 235  # RFC 4954 s. 6
ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463


class Sender(Protocol):
    """What mails are given to."""

    def send(self, mail: Mail) -> None:
        """Deliver *mail*.

        Raises:
            MailRefused: it will not be taken, however often one tries.
            MailDelayed: it was not taken now.
        """

    def rest(self, *, idle_for: float) -> None:
        """Close the connections that carried nothing for so many seconds."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails go; without a *user* there is no log-in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    implicit_tls: bool = False  # from the first byte, as on `SMTPS_PORT`; otherwise STARTTLS where offered
    requires_tls: bool = False  # no mail goes over a connection without TLS, wherever the server is


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """How long a server may take, in seconds, and how much a connection carries."""

    step_timeout: float = 10.0  # for one answer
    total_timeout: float = 25.0  # for a whole mail
    quit_timeout: float = 1.0  # for the answer to QUIT
    mails_per_connection: int = 100  # many servers take no more


def is_loopback(connected: socket.socket | None) -> bool:
    """Whether what is sent on *connected* stays on this machine."""
    if connected is None or connected.family == socket.AF_UNIX:
        return False
    return ip_address(connected.getpeername()[0].partition("%")[0]).is_loopback


class SmtpSender:
    """Sends mails, one at a time on each connection. Threads may share it."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        limits: SmtpLimits = SmtpLimits(),
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        is_private: Callable[[socket.socket | None], bool] = is_loopback,
    ) -> None:
        """*make_tls* says which certificates are trusted, by default those of the system.

        *is_private* says of a connection without TLS whether a password may be sent on it.
        """
        self._server = server
        self._limits = limits
        self._make_tls = make_tls
        self._is_private = is_private
        self._kept: list[_Smtp] = []  # the one that was used last comes last
        self._lock = Lock()

    def send(self, mail: Mail) -> None:
        """Deliver *mail*; see `Sender`."""
        try:
            self._send(mail)
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

    def rest(self, *, idle_for: float) -> None:
        """Close the connections that were not used lately; see `Sender`."""
        used_before = time.monotonic() - idle_for
        with self._lock:
            idle = [connection for connection in self._kept if connection.used_at <= used_before]
            self._kept = [connection for connection in self._kept if connection.used_at > used_before]
        for connection in idle:
            connection.say_goodbye()

    def _send(self, mail: Mail) -> None:
        connection = self._announced(mail)
        with _closed_on_failure(connection):
            connection.transmit(mail)
        self._keep(connection)

    def _announced(self, mail: Mail) -> "_Smtp":
        """A connection whose server agreed to take the mail: a kept one, or else a new one."""
        until = time.monotonic() + self._limits.total_timeout
        kept = self._take()
        if kept is not None:
            try:
                with _closed_on_failure(kept):
                    kept.watch(self._limits.total_timeout)
                    kept.announce(mail)
            except smtplib.SMTPServerDisconnected:
                pass  # it serves no more
            except smtplib.SMTPResponseException as error:
                if error.smtp_code != CLOSING:
                    raise
            else:
                return kept
        connection = self.connect(patience=until - time.monotonic())
        with _closed_on_failure(connection):
            connection.announce(mail)
        return connection

    def _take(self) -> "_Smtp | None":
        with self._lock:
            return self._kept.pop() if self._kept else None

    def _keep(self, connection: "_Smtp") -> None:
        if connection.mails >= self._limits.mails_per_connection:
            connection.say_goodbye()
            return
        connection.idle()
        with self._lock:
            self._kept.append(connection)

    def connect(self, *, patience: float | None = None) -> "_Smtp":
        """A connection on which mails can be sent: encrypted where possible, logged in where configured.

        After *patience* seconds it is cut, unless `idle` was called before; by default after the time for a
        whole mail.

        Raises:
            OSError: no connection, an untrusted certificate, no answer in time.
            smtplib.SMTPException: the server answers with an error.
            MailDelayed: the password, or a mail that must not, would go over the network in clear.
        """
        limits = self._limits if patience is None else replace(self._limits, total_timeout=patience)
        kind = _Smtps if self._server.implicit_tls else _Smtp
        connection = kind(self._server, limits, self._make_tls)
        with _closed_on_failure(connection):
            self._prepare(connection)
        return connection

    def _prepare(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=self._make_tls())
            connection.ehlo_or_helo_if_needed()
        is_encrypted = isinstance(connection.sock, ssl.SSLSocket)
        if self._server.requires_tls and not is_encrypted:
            raise MailDelayed("the server offers no TLS, so it gets no mail")
        if self._server.user:
            if not is_encrypted and not self._is_private(connection.sock):
                raise MailDelayed("the server offers no TLS, so it gets no password")
            _log_in(connection, self._server.user, self._server.password)


class _Smtp(smtplib.SMTP):
    """A connection that is cut when the whole mail takes too long, however slowly the server drips."""

    def __init__(
        self, server: SmtpServer, limits: SmtpLimits, make_tls: Callable[[], ssl.SSLContext]
    ) -> None:
        self.mails = 0
        self.used_at = 0.0  # by `time.monotonic`
        self._limits = limits
        self._make_tls = make_tls
        self.watch(limits.total_timeout)
        with _closed_on_failure(self):
            super().__init__(
                server.host, server.port, local_hostname=_own_name(), timeout=limits.step_timeout
            )

    def announce(self, mail: Mail) -> None:
        """Name sender and recipient, and have the server agree to take the content (RFC 5321 s. 3.3).

        Raises:
            SMTPNotSupportedError: the mail needs SMTPUTF8.
            SMTPSenderRefused: about us.
            SMTPDataError: about this mail.
            SMTPServerDisconnected: gone, or no answer in time.
        """
        options = ["SMTPUTF8", "BODY=8BITMIME"] if mail.needs_utf8 else []
        if options:
            self.ehlo_or_helo_if_needed()
            if not self.has_extn("smtputf8"):
                raise smtplib.SMTPNotSupportedError
            self.command_encoding = "utf-8"
        code, answer = self.mail(mail.sender, options)
        if code != TAKEN:
            raise smtplib.SMTPSenderRefused(code, answer, mail.sender)
        code, answer = self.rcpt(mail.recipient)
        if code in (TAKEN, TO_BE_FORWARDED):
            code, answer = self.docmd("DATA")
            if code == GO_AHEAD:
                return
        raise smtplib.SMTPDataError(code, answer)

    def transmit(self, mail: Mail) -> None:
        """Send the content. When the connection breaks in here, it is unknown whether the mail was taken.

        Raises:
            SMTPDataError: about this mail.
            SMTPServerDisconnected: gone, or no answer in time.
        """
        # It begins with a header, so that a first dot to be doubled stands behind a line's end (s. 4.5.2).
        self.send(mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        code, answer = self.getreply()
        if code != TAKEN:
            raise smtplib.SMTPDataError(code, answer)
        self.mails += 1

    def watch(self, patience: float) -> None:
        """Cut the connection after so many seconds, unless it is closed or `idle` before."""
        self._watchdog = Timer(patience, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()

    def idle(self) -> None:
        """Wait for the next mail."""
        self._watchdog.cancel()
        self.used_at = time.monotonic()

    def say_goodbye(self) -> None:
        """End it as one should (RFC 5321 s. 4.1.1.10), without much patience."""
        self._watchdog.cancel()
        self.watch(self._limits.quit_timeout)
        with suppress(OSError, smtplib.SMTPException):
            self.docmd("QUIT")
        self.close()

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

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        with _closed_on_failure(plain):
            return self._make_tls().wrap_socket(plain, server_hostname=host)


@contextmanager
def _closed_on_failure(opened: smtplib.SMTP | socket.socket) -> Iterator[None]:
    with ExitStack() as on_failure:
        on_failure.callback(opened.close)
        yield
        on_failure.pop_all()


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


def _own_name() -> str:
    """What EHLO says. smtplib would ask the name server, which may take seconds."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
