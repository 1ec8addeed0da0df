"""Mails over real connections to a real server."""

import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import SMTP
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from hanko_compat.errors.delivery import MailDelayed, MailRefused
from hanko_compat.mail.message import Mail, compose
from hanko_compat.mail.render import Rendered
from hanko_compat.mail.sender import SmtpLimits, SmtpSender, SmtpServer
from tests.mail.downgrade import Downgrade
from tests.smtp import MailServer, certificate_for, trusting

IMPATIENT = SmtpLimits(step_timeout=0.2)
LOGIN = ("hanko", "a password")
PATIENCE = 20  # seconds
UNUSUAL = ("h\u00e4nko", "a passw\u00f6rd")


def mail(to: str = "alice@example.test") -> Mail:
    rendered = Rendered("The subject", "The text: caf\u00e9.\n.\n..two dots\n", "<p>The page</p>\n")
    sender = Address("Service", addr_spec="noreply@example.test")
    return compose(rendered, sender=sender, to=to, message_id="id", written_at=datetime.now(UTC))


def to(
    server: Any, *, login: tuple[str, str] = ("", ""), requires_tls: bool = False, **options: Any
) -> SmtpSender:
    """A sender for this server, by the name in its certificate."""
    user, password = login
    is_implicit = getattr(server, "tls", "") == "implicit"
    place = SmtpServer(
        "127.0.0.1",
        server.port,
        user=user,
        password=password,
        implicit_tls=is_implicit,
        requires_tls=requires_tls,
    )
    return SmtpSender(place, **options)


def send(server: MailServer, message: Mail, **options: Any) -> None:
    """Send one mail, and leave no connection behind."""
    sender = to(server, **options)
    try:
        sender.send(message)
    finally:
        sender.rest(idle_for=0)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1, which nobody trusts unless told to."""
    path = tmp_path / "server.pem"
    path.write_bytes(certificate_for("127.0.0.1"))
    return path


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
@pytest.mark.parametrize("login", [None, LOGIN, UNUSUAL])
def test_a_mail_arrives_as_it_was_sent(certificate: Path, tls: Any, login: Any) -> None:
    with MailServer(tls=tls, login=login, certificate=certificate) as server:
        send(server, mail(), login=login or ("", ""), make_tls=trusting(certificate))

    (received,) = server.received
    assert (received.mail_from, received.to) == ("noreply@example.test", ["alice@example.test"])
    assert received.was_encrypted == (tls != "none")
    assert received.user == (login[0] if login else None)
    assert received.message["Subject"] == "The subject"
    text = received.message.get_body(("plain",)).get_content()
    assert text.splitlines() == ["The text: caf\u00e9.", ".", "..two dots"]


@pytest.mark.parametrize("login", [None, LOGIN])
def test_without_tls_no_mail_leaves_where_it_is_demanded(login: Any) -> None:
    """Not to this host either: the setting makes no exception."""
    with MailServer(login=login) as server, pytest.raises(MailDelayed, match="no TLS, so it gets no mail"):
        send(server, mail(), login=login or ("", ""), requires_tls=True)
    assert server.attempts == 0


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_with_tls_mails_leave_where_it_is_demanded(certificate: Path, tls: Any) -> None:
    with MailServer(tls=tls, certificate=certificate) as server:
        send(server, mail(), requires_tls=True, make_tls=trusting(certificate))
    assert [received.was_encrypted for received in server.received] == [True]


@pytest.mark.parametrize("demanded", [True, False])
def test_who_removes_the_offer_of_tls_reads_nothing_where_it_is_demanded(
    certificate: Path, demanded: bool
) -> None:
    with MailServer(tls="starttls", certificate=certificate) as server, Downgrade(server.port) as between:
        sent = MailRefused("not tried")
        try:
            send(between, mail(), requires_tls=demanded, make_tls=trusting(certificate))
        except MailDelayed as error:
            sent = error
        assert (str(sent) == "the server offers no TLS, so it gets no mail") is demanded
        assert (b"alice@example.test" in between.seen) is not demanded
        assert len(server.received) == (0 if demanded else 1)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_server_that_nobody_vouches_for_gets_no_mail(certificate: Path, tls: Any) -> None:
    with (
        MailServer(tls=tls, certificate=certificate) as server,
        pytest.raises(MailDelayed, match="certificate"),
    ):
        send(server, mail())
    assert server.attempts == 0


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_for_another_name_does_not_count(tmp_path: Path, tls: Any) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(certificate_for("mail.example.test"))
    with MailServer(tls=tls, certificate=path) as server, pytest.raises(MailDelayed, match="certificate"):
        send(server, mail(), make_tls=trusting(path))
    assert server.attempts == 0


@pytest.mark.parametrize("password", ["wrong", "wr\u00f6ng"])
def test_a_wrong_password_may_be_mended(password: str) -> None:
    with MailServer(login=LOGIN) as server, pytest.raises(MailDelayed, match=r"535 5\.7\.8"):
        send(server, mail(), login=("hanko", password))
    assert server.attempts == 0


def test_no_password_goes_over_the_network_in_clear() -> None:
    """No other interface is there in a test, so 127.0.0.1 is told to be one."""
    with MailServer(login=LOGIN) as server, pytest.raises(MailDelayed, match="no TLS"):
        send(server, mail(), login=LOGIN, is_private=lambda _socket: False)
    assert server.attempts == 0


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        ({"rcpt": "550 5.1.1 <alice@example.test>: no such user"}, MailRefused, "550 5.1.1"),
        ({"rcpt": "550 who is alice@example.test?"}, MailRefused, "550"),
        ({"rcpt": "450 4.2.0 alice@example.test is greylisted"}, MailDelayed, "450 4.2.0"),
        ({"data": "554 5.7.1 looks like spam: The text"}, MailRefused, "554 5.7.1"),
        ({"data": "451 4.3.0 disk full"}, MailDelayed, "451 4.3.0"),
        ({"mail": "553 5.7.1 noreply@example.test: not yours"}, MailDelayed, "553 5.7.1"),
        ({"mail": "421 4.3.2 closing"}, MailDelayed, "421 4.3.2"),
    ],
)
def test_refusals_are_final_or_not(answers: Any, error: type[Exception], reason: str) -> None:
    with MailServer(**answers) as server, pytest.raises(error) as caught:
        send(server, mail())
    # Neither the address nor the mail: the reason goes to the log.
    assert str(caught.value) == reason
    assert server.received == []


def test_letters_beyond_ascii_need_a_server_that_knows_them() -> None:
    with MailServer(utf8=False) as server, pytest.raises(MailRefused, match="SMTPUTF8"):
        send(server, mail("j\u00f6rg@example.test"))
    with MailServer(utf8=True) as server:
        send(server, mail("j\u00f6rg@example.test"))
    assert server.received[0].to == ["j\u00f6rg@example.test"]


def test_a_domain_beyond_ascii_needs_none() -> None:
    with MailServer(utf8=False) as server:
        send(server, mail("jorg@ex\u00e4mple.test"))
    assert server.received[0].to == ["jorg@xn--exmple-cua.test"]


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(MailDelayed, match="Connection refused"):
        SmtpSender(SmtpServer("127.0.0.1", port)).send(mail())


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_says_nothing_is_left(tls: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = SmtpServer("127.0.0.1", silent.getsockname()[1], implicit_tls=tls)
        with pytest.raises(MailDelayed, match=r"(?i)time"):
            SmtpSender(place, limits=IMPATIENT).send(mail())


def test_a_server_that_hangs_after_the_mail_is_left() -> None:
    with MailServer(hangs=True) as server, pytest.raises(MailDelayed, match=r"(?i)time"):
        send(server, mail(), limits=IMPATIENT)


def test_a_server_that_drips_is_left_in_the_end() -> None:
    """Each line comes in time, and the greeting never ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=drip, args=(server,), daemon=True).start()
        place = SmtpServer("127.0.0.1", server.getsockname()[1])
        with pytest.raises(MailDelayed):
            SmtpSender(place, limits=SmtpLimits(total_timeout=0.3)).send(mail())


def drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        try:
            while True:
                connection.sendall(b"220-")
                for _ in range(10):
                    connection.sendall(b".")
                    connection.settimeout(0.02)
                    wait(connection)
                connection.sendall(b"\r\n")
        except OSError:
            pass  # the client has gone


def wait(connection: socket.socket) -> None:
    with suppress(TimeoutError):
        connection.recv(1)


def test_what_is_no_mail_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        with pytest.raises(MailDelayed):
            SmtpSender(SmtpServer("127.0.0.1", server.getsockname()[1])).send(mail())


def test_connections_end(make_socketless: Callable[[], int]) -> None:
    before = make_socketless()
    with MailServer(rcpt="450 later") as server:
        for _ in range(3):
            with pytest.raises(MailDelayed):
                send(server, mail())
    assert make_socketless() <= before


@pytest.fixture
def make_socketless() -> Callable[[], int]:
    """How many files this process has open."""
    return lambda: len(list(Path("/proc/self/fd").iterdir()))


class Conversations:
    """A server that ends some of its conversations before they are over.

    *ends* says for each connection after which mail, and how: ``closed`` before the next MAIL, ``421`` as the
    answer to it, ``closed at RCPT``, or ``closed after DATA``, when it has the content.
    """

    def __init__(self, *ends: tuple[int, str]) -> None:
        self.ends = list(ends)
        self.connections = 0
        self.taken: list[bytes] = []
        self.goodbyes = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self.ended = Event()

    def __enter__(self) -> "Conversations":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            last, how = self.ends[self.connections] if self.connections < len(self.ends) else (1000, "")
            self.connections += 1
            with connection, connection.makefile("rwb", 0) as wire:
                wire.write(b"220 hello\r\n")
                self._converse(wire, last, how)
            self.ended.set()

    def _converse(self, wire: Any, last: int, how: str) -> None:
        mails = 0
        for line in wire:
            is_over, verb = mails == last, line[:4].upper()
            if is_over and (how, verb) == ("421", b"MAIL"):
                wire.write(b"421 4.3.2 closing\r\n")
                return
            if is_over and (how, verb) == ("closed at RCPT", b"RCPT"):
                return
            if verb == b"QUIT":
                self.goodbyes += 1
                wire.write(b"221 bye\r\n")
                return
            if verb != b"DATA":
                wire.write(b"250 OK\r\n")
                continue
            wire.write(b"354 go ahead\r\n")
            self.taken.append(b"".join(iter(wire.readline, b".\r\n")))
            if is_over and how == "closed after DATA":
                return
            wire.write(b"250 OK\r\n")
            mails += 1
            if mails == last and how == "closed":
                return


def recipients(server: Conversations) -> list[str]:
    return [message_from_bytes(raw, policy=SMTP)["To"] for raw in server.taken]


def test_mails_share_a_connection_until_it_rests() -> None:
    with Conversations() as server:
        sender = to(server)
        for name in ("a", "b", "c"):
            sender.send(mail(f"{name}@example.test"))
            sender.rest(idle_for=PATIENCE)
        assert (server.connections, server.goodbyes) == (1, 0)
        assert recipients(server) == [f"{name}@example.test" for name in ("a", "b", "c")]
        sender.rest(idle_for=0)
        assert server.ended.wait(PATIENCE)
        assert server.goodbyes == 1


@pytest.mark.parametrize("how", ["closed", "421", "closed at RCPT"])
def test_a_kept_connection_that_died_costs_no_mail(how: str) -> None:
    with Conversations((1, how)) as server:
        sender = to(server)
        sender.send(mail("a@example.test"))
        sender.send(mail("b@example.test"))
        sender.send(mail("c@example.test"))
        sender.rest(idle_for=0)
    assert recipients(server) == [f"{name}@example.test" for name in ("a", "b", "c")]
    assert server.connections == 2


def test_a_mail_that_may_have_been_taken_is_not_sent_again_at_once() -> None:
    """The outbox does, later."""
    with Conversations((1, "closed after DATA")) as server:
        sender = to(server)
        sender.send(mail("a@example.test"))
        with pytest.raises(MailDelayed):
            sender.send(mail("b@example.test"))
        assert (recipients(server), server.connections) == (["a@example.test", "b@example.test"], 1)
        sender.send(mail("b@example.test"))
        sender.rest(idle_for=0)
    assert server.connections == 2


def test_a_fresh_connection_that_dies_is_the_servers_last_word() -> None:
    with Conversations((0, "421"), (0, "421")) as server:
        with pytest.raises(MailDelayed, match=r"421 4\.3\.2"):
            to(server).send(mail())
        assert server.connections == 1


def test_a_connection_carries_a_bounded_number_of_mails() -> None:
    with Conversations() as server:
        sender = to(server, limits=SmtpLimits(mails_per_connection=2))
        for _ in range(5):
            sender.send(mail())
        sender.rest(idle_for=0)
    assert (len(server.taken), server.connections, server.goodbyes) == (5, 3, 3)


def test_a_refused_mail_spoils_no_other() -> None:
    with MailServer() as server:
        sender = to(server)
        sender.send(mail())
        server.rcpt = "550 5.1.1 no such user"
        with pytest.raises(MailRefused):
            sender.send(mail())
        server.rcpt = "250 OK"
        sender.send(mail())
        sender.rest(idle_for=0)
    assert len(server.received) == 2


def test_a_server_that_says_no_goodbye_is_left() -> None:
    with MailServer(quits=False) as server:
        sender = to(server, limits=SmtpLimits(quit_timeout=0.1))
        sender.send(mail())
        sender.rest(idle_for=0)
        assert server.received
