"""What people log in to: gunicorn with two workers behind nginx with TLS, among the peers of the tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanko_compat.storage.models import Email, Identity, Session, Token, User
from tests.faults.rows import reading
from tests.peers.among_peers import AmongPeers
from tests.peers.visitor import BACK, Visitor
from tests.servers.nginx import Nginx
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.settings import settings_on

TIMEOUT = 2
"""How many seconds a provider has for all of one log-in."""


class QuickNginx(Nginx):
    """nginx on a port that is known before it starts, and without the brake on fast visitors."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, upstream_port=0)
        self.site_port = free_port()

    @property
    def port(self) -> int:
        return self.site_port

    def examples(self) -> dict[str, str]:
        """What is replaced, the brake among it."""
        return super().examples() | {"rate=20r/s": "rate=1000r/s"}


@dataclass
class Site:
    """A running site, and where its rows lie."""

    nginx: QuickNginx
    server: AmongPeers
    database_url: str

    @property
    def callback(self) -> str:
        """Where providers send browsers back to."""
        return f"{self.origin}/thirdparty/callback"

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.nginx.port}"

    def visitor(self) -> Visitor:
        """A browser without history."""
        return Visitor(self.origin, trusts=self.nginx.ca)

    def rows(self) -> dict[str, int]:
        """How many rows a log-in may have made."""
        with reading(self.database_url):
            return {each.__name__: each.select().count() for each in (User, Email, Identity, Token, Session)}

    def remove(self) -> None:
        """Stop nginx and server."""
        self.nginx.remove()
        self.server.remove()


def start_site(run: Run, *, database_url: str, trusts: Path, changes: Mapping[str, Any]) -> Site:
    """Start server and nginx; *trusts* is the authority of the peers, *changes* are of the configuration."""
    nginx = QuickNginx(run)
    origin = f"https://localhost:{nginx.port}"
    settings = {
        "session.cookie.secure": True,
        "webauthn.relying_party": {"id": "localhost", "origins": [origin]},
        "email_delivery.enabled": False,
        "hanko_compat.public_url": origin,
        "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
        "hanko_compat.third_party.timeout": f"{TIMEOUT}s",
        "third_party.redirect_url": f"{origin}/thirdparty/callback",
        "third_party.error_redirect_url": "https://app.example.test/error",
        "third_party.allowed_redirect_urls": [BACK],
    }
    server = AmongPeers(
        run, settings_on(database_url, settings | dict(changes)), trusts=trusts, hosts={}, workers=2
    )
    server.start()
    nginx.upstream_port = server.port
    nginx.start()
    return Site(nginx, server, database_url)
