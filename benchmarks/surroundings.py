"""What a server has around it during the soak: real places for mails, log-ins elsewhere and events."""

from collections.abc import Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from itertools import count

from benchmarks import processes
from benchmarks.mail_sink import MailSink
from benchmarks.visitors import (
    Customer,
    Members,
    Provider,
    Redirected,
    Saml,
    newcomer,
    newcomer_with_password,
)
from benchmarks.visits import Caller, Visitor
from hanko_compat.config.limits import Limits, LimitSettings
from tests.gateway import HttpGateway
from tests.oidc_provider import OidcProvider
from tests.saml.identity_provider import IdentityProvider
from tests.saml_visitor import provider as saml_provider
from tests.saml_visitor import saml
from tests.third_party import custom_provider, third_party

REFUSING = 20
"""One in so many events is refused by its receiver, and has to be sent again."""
PLENTY = {"tokens": 1_000_000, "interval": "10s"}
MANY_GUESSES = {"first_day": 1_000_000, "further_days": 1_000_000}
LIMITS = [name for name, limit in vars(LimitSettings()).items() if isinstance(limit, Limits)]


class HookReceiver(HttpGateway):
    """Takes events, but for one in twenty, and keeps none."""

    def __enter__(self) -> "HookReceiver":
        self._numbers = count(1)
        super().__enter__()
        return self

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Read an event."""
        request.rfile.read(int(request.headers.get("Content-Length", "0")))
        request.send_response(503 if next(self._numbers) % REFUSING == 0 else 200)
        request.send_header("Content-Length", "0")
        request.end_headers()


class Surroundings:
    """Servers that run until the block ends."""

    def __init__(self) -> None:
        self._sink = MailSink(processes.free_port())
        self._provider = OidcProvider()
        self._idp = IdentityProvider()
        self._hook = HookReceiver()
        self._open = ExitStack()

    def __enter__(self) -> "Surroundings":
        for server in (self._sink, self._provider, self._idp, self._hook):
            self._open.enter_context(server)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def settings(self, url: str) -> dict[str, object]:
        """Short lives, so that much is over soon; limits that count and let everything pass."""
        return {
            "database": {"url": url},
            "secrets": {"keys": ["a secret of the soak only"]},
            "account": {"allow_deletion": True},
            "email": {"require_verification": False, "passcode_ttl": 30},
            "webauthn": {"timeouts": {"login": 30_000, "registration": 30_000}},
            "session": {"lifespan": "30s", "enable_auth_token_header": True},
            "mfa": {"enabled": False},
            "rate_limiter": dict.fromkeys(("passcode_limits", "password_limits", "token_limits"), PLENTY),
            "email_delivery": {"smtp": {"host": "127.0.0.1", "port": str(self._sink.port)}},
            "audit_log": {"storage": {"enabled": True}, "retention": "1m"},
            "webhooks": {"enabled": True, "hooks": [{"callback": self._hook.url, "events": ["user"]}]},
            **third_party(soak=custom_provider(self._provider.url)),
            **saml(saml_provider(self._idp.base)),
            "hanko_compat": {
                "limits": dict.fromkeys(LIMITS, PLENTY) | {"wrong_guesses": {"client": MANY_GUESSES}},
                "jwk": {"algorithm": "EdDSA"},
                "cleanup": {"audit_log": True},
                "backend_api": {"webhooks": {"private_networks": ["127.0.0.0/8"]}},
            },
        }

    def visitors(self, caller: Caller, credentials: dict[str, str]) -> Sequence[Visitor]:
        """Who comes, one after the other; *caller* makes the accounts of those who have one already.

        *credentials* are the headers that open ``/v2``.
        """
        customer = Customer(caller, credentials, hook_url=self._hook.url)
        members = Members(caller)  # what hooks hear of their passkeys is made when they hear it
        provider, identity_provider = (
            Redirected(caller, place) for place in (Provider(self._provider), Saml(self._idp))
        )
        often: list[Visitor] = [newcomer, members, newcomer, customer, provider]
        return [newcomer_with_password, *often, *often, identity_provider]
