"""What a browser visits: nginx with the site of ``deploy``, a server behind it, frontends of two origins."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.peers.among_peers import AmongPeers
from tests.peers.played_hosts import PlayedHosts
from tests.servers.hanko_compat import Answer, HankoCompat, ask
from tests.servers.nginx import Nginx
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.settings import merged, settings_on
from tests.smtp import MailServer

COMPANY = "corp.example.test"
"""The domain whose people log in by SAML."""
WITHOUT_PASSWORDS = {"password.enabled": False}
WITHOUT_VERIFICATION = {"email.require_verification": False, "password.enabled": False}
ONE_AN_HOUR = {"tokens": 1, "interval": "1h"}
RESTRICTED = {
    "account.allow_deletion": False,
    "email.limit": 1,
    "rate_limiter.enabled": True,
    "rate_limiter.passcode_limits": ONE_AN_HOUR,
    "rate_limiter.password_limits": ONE_AN_HOUR,
}
GUESSED_AT = {
    "rate_limiter.enabled": True,
    "hanko_compat.limits.wrong_guesses": {
        "account": {"first_day": 3, "further_days": 1},
        "account_and_client": {"first_day": 3, "further_days": 1},
        "notice_after": 1,
    },
}

FRONTEND = Path(__file__).parent / "frontend"
PACKAGES = Path(__file__).parents[2] / "var" / "frontends"
FILES = f"""\
    location /frontend/ {{ alias {FRONTEND}/; }}
    location /packages/ {{ alias {PACKAGES}/; }}
"""
# Without TLS, which localhost does not need, and without the brake on fast visitors.
CHANGES = {
    "listen 443 ssl http2;": "listen 127.0.0.1:{port};",
    "auth.example.com": "localhost",
    "rate=20r/s": "rate=1000r/s",
    "    location / {": f"{FILES}    location / {{",
}
# The origin of the frontend that is not the API's; types, since nginx knows none by itself.
OTHER_ORIGIN = """\
types {{ text/html html; text/javascript js; application/json map; }}
server {{
    listen 127.0.0.1:{port};
{files}}}
"""


class NginxWithFrontends(Nginx):
    """The site of ``deploy`` as ``http://localhost:PORT``, frontends in it, and on a port of their own."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, upstream_port=0)
        self.site_port, self.other_port = free_port(), free_port()

    @property
    def port(self) -> int:
        return self.site_port  # known before the start: the server's configuration names it

    def install(self) -> None:
        """Write the site, and the frontends beside it."""
        super().install()
        with (self.folder / "site.conf").open("a") as file:
            file.write(OTHER_ORIGIN.format(port=self.other_port, files=FILES))

    def examples(self) -> dict[str, str]:
        """What is replaced, TLS among it."""
        kept = {name: own for name, own in super().examples().items() if name != "listen 443 "}
        return kept | {text: own.replace("{port}", str(self.port)) for text, own in CHANGES.items()}


class Site:
    """A running site. Its server is asked through nginx, as the browser asks."""

    def __init__(self, nginx: NginxWithFrontends, server: HankoCompat, mail_server: MailServer) -> None:
        self.nginx = nginx
        self.server = server
        self.mail_server = mail_server
        self.origin = f"http://localhost:{nginx.port}"
        self.other_origin = f"http://localhost:{nginx.other_port}"

    def frontend(
        self, *, show: str = "auth", is_cross_origin: bool = False, host: str = "localhost", **options: str
    ) -> str:
        """The URL of the frontend that shows ``<hanko-auth>`` or ``<hanko-profile>``, on either origin."""
        if is_cross_origin:
            options["api"] = self.origin
        origin = self.other_origin if is_cross_origin else self.origin
        origin = origin.replace("localhost", host)
        return f"{origin}/frontend/?{urlencode({'show': show, **options})}"

    def passcode(self, to: str, *, number: int = 1) -> str:
        """The passcode in the first mail to an address, or in a later one; waits for it."""
        subject = self.mail_server.wait_for_mail(to, number=number).message["Subject"]
        return re.search(r"\b[0-9]{6}\b", subject)[0]  # type: ignore[index]

    def ask(self, method: str, path: str, body: object = None, *, token: str = "") -> Answer:
        """Send a request of another client, with a session's token or without."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return ask(self.nginx.port, method, path, body, Host=f"localhost:{self.nginx.port}", **headers)

    def remove(self) -> None:
        """Stop nginx and server."""
        self.nginx.remove()
        self.server.remove()


def start_site(
    run: Run,
    *,
    database_url: str,
    mail_server: MailServer,
    played_hosts: PlayedHosts,
    changes: Mapping[str, Any],
) -> Site:
    """Start server and nginx; *changes* are of the configuration. The server finds other hosts as played."""
    nginx = NginxWithFrontends(run)
    origin, other_origin = f"http://localhost:{nginx.port}", f"http://localhost:{nginx.other_port}"
    settings = {
        "server.public.cors.allow_origins": [origin, other_origin, f"http://127.0.0.1:{nginx.other_port}"],
        "webauthn.relying_party.origins": [origin, other_origin],
        "email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)},
        "account.allow_deletion": True,
        "hanko_compat.public_url": origin,
        "hanko_compat.third_party.private_networks": ["127.0.0.0/8"],
        "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
        "saml": {
            "endpoint_url": origin,
            "audience_uri": origin,
            "default_redirect_url": f"{origin}/frontend/",
            "allowed_redirect_urls": [f"{each}/frontend/**" for each in (origin, other_origin)],
        },
        "third_party.redirect_url": f"{origin}/thirdparty/callback",
        "third_party.error_redirect_url": f"{origin}/frontend/",
        "third_party.allowed_redirect_urls": [f"{each}/frontend/**" for each in (origin, other_origin)],
    }
    server = AmongPeers(
        run,
        settings_on(database_url, merged(settings, changes)),
        trusts=played_hosts.authority.file,
        hosts=played_hosts.ports,
    )
    server.start()
    nginx.upstream_port = server.port
    nginx.start()
    return Site(nginx, server, mail_server)
