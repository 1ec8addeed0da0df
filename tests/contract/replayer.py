"""Replay a scenario: send what was sent, compare what comes back, carry ids and tokens on."""

import json
import random
import re
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import uuid1, uuid4

from tests.contract.browser import Browser
from tests.contract.comparison import Comparison, parse_cookie
from tests.contract.hooks import Hooks, NoHooks, differences_of_posts
from tests.contract.passkeys import Devices
from tests.contract.placeholders import SHAPES, Bindings, Unbound
from tests.contract.saml_browser import SamlBrowser
from tests.contract.traces import Trace
from tests.contract.wire import Answer, Request, Transport
from tests.oidc_provider import OidcProvider
from tests.saml.identity_provider import IdentityProvider

# Before these steps the recording waited until something had expired.
WAITS = {  # seconds
    ("session_expired", "me"): 5.2,
    ("passcode_expired", "finalize"): 4.2,
    ("session_idle", "me 2"): 4,
    ("session_idle", "me 3"): 4,
    ("session_idle", "validate"): 4,
    ("session_idle", "validate after the rest"): 4,
    ("session_idle", "bob after the rest"): 7,
    ("session_idle", "validate by body 1"): 4,
    ("session_idle", "validate by body 2"): 4,
    ("session_idle", "validate by body after the rest"): 7,
}


# Before these steps the recording has thrown away what was delivered to hooks.
FORGETS = {("webhooks_of_a_life", "verify the second")}

# UUIDs that nobody handed out are random ones, but for these.
OF_VERSION_1 = {("default/passcode_finalize_bodies", "2")}


class Mailbox(Protocol):
    """Where mails of the application arrive."""

    def observed(self) -> dict[str, Any]:
        """Return what a trace tells about the newest mail."""

    def count(self) -> int:
        """Return how many mails came."""

    def passcode(self) -> str:
        """Return the code in the newest mail; "" without one."""


@dataclass
class World:
    """An application under replay, and what surrounds it."""

    transport: Transport
    now: Callable[[], datetime]
    mailbox: Mailbox
    wait: Callable[[float], None]  # seconds pass
    hooks: Hooks = field(default_factory=NoHooks)
    provider: OidcProvider | None = None  # where people log in
    identity_provider: IdentityProvider | None = None  # where they log in by SAML
    pause: float = 0.001  # seconds between two steps, so that their order shows in the tables
    has_fractions: bool = True
    runs: list[str] = field(default_factory=list)  # {run} of each scenario on this database
    tokens: list[str] = field(default_factory=list)  # the session tokens, in their order

    def begin(self) -> Bindings:
        """Make the placeholders of a new scenario."""
        run = "".join(random.choices(string.ascii_lowercase, k=8))
        texts = {"{run}": run, "{RUN}": run.upper(), "{base}": self.transport.base_url}
        if self.provider:
            texts["{oidc}"] = self.provider.url
        if self.identity_provider:
            texts["{idp}"] = self.identity_provider.base
        if self.runs:
            texts["{run before}"] = self.runs[-1]
        self.runs.append(run)
        return Bindings(now=self.now, texts=texts, has_fractions=self.has_fractions)


class Exchange(NamedTuple):
    """A request of a trace, the status that was recorded, and how the application's answer compares."""

    method: str
    path: str
    status: int
    outcome: Literal["same", "on purpose", "different"]


@dataclass
class Report:
    """The outcome: differences are failures."""

    differences: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # but those of set-up steps
    compared: int = 0


class Replay:
    """One scenario on its way."""

    def __init__(self, trace: Trace, world: World) -> None:
        self.trace = trace
        self.world = world
        self.bindings = world.begin()
        self.devices = Devices(trace.scenario, self.bindings)
        self.browser = Browser(trace.scenario, world.provider)
        self.saml = SamlBrowser(world.identity_provider, world.now)
        self.comparison = Comparison(self.bindings, self.published_keys)
        self.report = Report()
        self.facts: dict[str, str] = {}  # ids in answers of set-up steps, which traces do not show
        self.passcodes: dict[str, str] = {}  # what the mail said, by the id of the passcode
        self.tokens_before = list(world.tokens)
        self.is_deviation = False  # the last answer differed, and was allowed to

    def run(self) -> Report:
        """Replay every step."""
        for step in self.trace.steps:
            self.world.wait(WAITS.get((self.trace.scenario, step["step"]), 0) + self.world.pause)
            if (self.trace.scenario, step["step"]) in FORGETS:
                self.world.hooks.take()
            if "observed" in step:
                self.observe(step)
                continue
            try:
                step = self.saml.fill(step, self.fill)
                step = self.browser.fill(step, self.bindings.texts["{run}"])
                request = self.request(self.devices.filled(step))
            except Unbound as unknown:
                self.differ(step, [f"{unknown} has no value"])
                self.note(step, "different")
                continue
            if step.get("setup"):
                self.set_up(step, self.send(request))
            else:
                self.judge(step, self.send(request))
        return self.report

    def send(self, request: Request) -> Answer:
        """Send one request; authenticators see what comes back."""
        answer = self.world.transport.send(request)
        self.devices.learn(answer.json())
        self.browser.learn(answer)
        self.saml.learn(answer)
        if request.path == "/passcode/login/initialize" and answer.status == 200:
            code = self.world.mailbox.passcode() or self.world.hooks.passcode()
            self.passcodes[answer.json()["id"]] = code
        return answer

    def differences(self, step: dict[str, Any], answer: Answer) -> list[str]:
        """What is not as recorded, unless it is allowed there instead of a fault of the original."""
        known = dict(self.bindings.values)
        differences = self.comparison.answer(step["response"], answer)
        allowed = step.get("deviation", {}).get("statuses", [])
        self.is_deviation = bool(differences) and answer.status in allowed
        if self.is_deviation:
            self.bindings.values = known
            differences = shape_of_error(answer)
        return differences

    def request(self, recorded: dict[str, Any]) -> Request:
        """The recorded request with values in place of placeholders."""
        self.read_mail(recorded)
        headers = {name: self.fill(text) for name, text in recorded.get("headers", {}).items()}
        content, body = recorded.get("body", {}), None
        if "json" in content:
            body = json.dumps(self.filled(content["json"])).encode()
        elif "text" in content:
            body = self.fill(content["text"]).encode()
        return Request(recorded["method"], self.fill(recorded["path"]), headers, body)

    def read_mail(self, recorded: dict[str, Any]) -> None:
        """Learn the code of the passcode that the request names; without one, that of the newest mail."""
        content = recorded.get("body", {}).get("json")
        id_ = content.get("id") if isinstance(content, dict) else None
        named = self.fill(id_, "id") if isinstance(id_, str) and id_.startswith("<uuid") else ""
        self.learn_passcode(self.passcodes.get(named) or self.world.mailbox.passcode())

    def learn_passcode(self, passcode: str) -> None:
        """Let *passcode* stand where traces have a placeholder, and another code for a wrong one."""
        if passcode:
            wrong = f"{(int(passcode) + 1) % 10**6:06}"
            self.bindings.texts |= {"<passcode>": passcode, "<wrong passcode>": wrong}

    def filled(self, value: Any, key: str = "") -> Any:
        """A JSON value with its placeholders filled in."""
        if isinstance(value, dict):
            return {name: self.filled(member, name) for name, member in value.items()}
        if isinstance(value, list):
            return [self.filled(member, key) for member in value]
        return self.fill(value, key) if isinstance(value, str) else value

    def fill(self, text: str, key: str = "") -> str:
        """*text* of a request; ids that only set-up answers told are found by the *key* they stand under."""

        def missing(kind: str, number: str) -> str:
            if kind == "uuid":
                known = self.facts.pop(key, None)
                return known or str(uuid1() if (self.trace.name, number) in OF_VERSION_1 else uuid4())
            if kind == "jwt" and len(self.tokens_before) >= int(number):
                return self.tokens_before[int(number) - 1]
            if kind in ("cred-id", "bytes"):
                return secrets.token_urlsafe(32)
            raise Unbound(f"<{kind}:{number}>")

        return self.bindings.fill(text, missing)

    def set_up(self, step: dict[str, Any], answer: Answer) -> None:
        """Compare the status and remember ids and tokens."""
        if answer.status != step["response"]["status"]:
            self.differ(step, [f"status: {step['response']['status']} expected, got {answer.status}"])
        content = answer.json()
        if isinstance(content, dict):
            self.facts |= {key: value for key, value in content.items() if isinstance(value, str)}
            if step["request"]["path"] == "/emails":
                self.facts["email_id"] = content["id"]  # its name in requests
        cookies = [parse_cookie(text)["value"] for text in answer.values("Set-Cookie")]
        for token in [*cookies, *answer.values("X-Auth-Token")]:
            if re.fullmatch(SHAPES["jwt"], token):
                self.number_token(token)

    def number_token(self, token: str) -> None:
        """Give *token* the next number: sessions are numbered as they appear."""
        taken = [int(number) for kind, number in self.bindings.values if kind == "jwt"]
        self.bindings.bind("jwt", str(max(taken, default=0) + 1), token)
        self.world.tokens.append(token)

    def judge(self, step: dict[str, Any], answer: Answer) -> None:
        """Compare the whole answer."""
        self.report.compared += 1
        differences = self.differences(step, answer)
        if differences:
            self.differ(step, differences)
            self.note(step, "different")
        else:
            self.note(step, "on purpose" if self.is_deviation else "same")
        for (kind, _), value in self.bindings.values.items():
            if kind == "jwt" and value not in self.world.tokens:
                self.world.tokens.append(value)

    def observe(self, step: dict[str, Any]) -> None:
        """Compare a mail, the number of mails, or what was posted to a hook."""
        observed, mailbox = step["observed"], self.world.mailbox
        if "mail" in observed:
            self.differ(step, list(self.comparison.value(observed["mail"], mailbox.observed(), "mail")))
        elif "mails" in observed:
            self.differ(step, list(self.comparison.value(observed["mails"], mailbox.count(), "mails")))
        elif "deliveries" in observed:
            self.learn_passcode(self.world.mailbox.passcode() or self.world.hooks.passcode())
            comparison = {"value": self.comparison.value, "token": self.comparison.token}
            found = differences_of_posts(observed["deliveries"], self.world.hooks.take(), **comparison)
            self.differ(step, list(found))
        # The rest is told for the reader: the ids in the answers say it, too.

    def published_keys(self) -> list[dict[str, Any]]:
        """The keys that the application publishes now."""
        answer = self.world.transport.send(Request("GET", "/.well-known/jwks.json", {}, None))
        return answer.json()["keys"]

    def note(self, step: dict[str, Any], outcome: Literal["same", "on purpose", "different"]) -> None:
        """Note how the answer to a request of the trace compares."""
        if not step.get("setup"):
            request = step["request"]
            status = step["response"]["status"]
            self.report.exchanges.append(Exchange(request["method"], request["path"], status, outcome))

    def differ(self, step: dict[str, Any], differences: list[str]) -> None:
        """Note what is not as recorded."""
        self.report.differences += [f"{step['step']}: {difference}" for difference in differences]


def shape_of_error(answer: Answer) -> list[str]:
    """The differences of *answer* from the shape of errors, when its status is one."""
    if answer.status < 400:
        return []
    content = answer.json()
    is_error = isinstance(content, dict) and content.keys() == {"code", "message"}
    if is_error and content["code"] == answer.status and isinstance(content["message"], str):
        return []
    return [f"body: an error of the shape code, message expected, got {answer.body[:200]!r}"]
