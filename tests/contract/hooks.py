"""What the application under replay posts to a hook, as the traces describe it."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

import jwt

from hanko_compat.wiring import Services
from tests.gateway import Received
from tests.receiver import Receiver

TEXTS = ("subject", "body", "body_plain")
"""What traces do not show of a mail."""
STEP = 60  # seconds; in steps of so many the end of a passcode is recorded


class Hooks(Protocol):
    """Where deliveries arrive."""

    def take(self) -> list[Received]:
        """Return what has come since the last time."""

    def passcode(self) -> str:
        """Return the code in the newest delivery; "" without one."""


class NoHooks:
    """Where the variant has none."""

    def take(self) -> list[Received]:
        """Return nothing."""
        return []

    def passcode(self) -> str:
        """Return nothing."""
        return ""


class DeliveredHooks:
    """The posts to a receiver. Looking for them delivers what is due, without a thread."""

    def __init__(self, receiver: Receiver, services: Services) -> None:
        self.receiver = receiver
        self.services = services

    def take(self) -> list[Received]:
        """Return what has come since the last time."""
        posts = self._delivered()
        self.receiver.received = []
        return posts

    def passcode(self) -> str:
        """Return the code in the newest delivery; "" without one."""
        for post in reversed(self._delivered()):
            claims = jwt.decode(token_of(post), options={"verify_signature": False})
            if claims["evt"] == "email.send":
                return str(claims["data"]["data"]["otp_code"])
        return ""

    def _delivered(self) -> list[Received]:
        self.services.delivery.threads.deliver_due()
        return self.receiver.received


def token_of(post: Received) -> str:
    """The token in a delivery."""
    return str(json.loads(post.body)["token"])


def differences_of_posts(
    recorded: list[dict[str, Any]],
    posts: list[Received],
    *,
    value: Callable[[Any, Any, str], Iterator[str]],
    token: Callable[[dict[str, Any], str, str], Iterator[str]],
) -> Iterator[str]:
    """Compare deliveries, in the order of their events' names; *value* and *token* are the comparison's."""
    if len(recorded) != len(posts):
        yield f"deliveries: {len(recorded)} expected, got {[post.body for post in posts]}"
        return
    in_order = sorted(posts, key=lambda post: str(json.loads(post.body).get("event")))
    for number, (expected, post) in enumerate(zip(recorded, in_order, strict=True)):
        body = json.loads(post.body)
        place = f"deliveries[{number}]"
        shown = {
            "path": post.path,
            "content_type": post.headers.get("Content-Type"),
            "members": sorted(body),
            "event": body.get("event"),
        }
        yield from value({key: expected[key] for key in shown}, shown, place)
        yield from token(expected["token"], str(body.get("token")), f"{place}.token")


def shown_mail(data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The data of ``email.send`` as traces show it: some texts are only said to be there."""
    shown = {**data, **{name: "<text>" for name in TEXTS if data.get(name) and isinstance(data[name], str)}}
    away = round((data["data"]["valid_until"] - now.timestamp()) / STEP) * STEP
    return {**shown, "data": {**data["data"], "valid_until": f"<epoch{away:+d}>"}}
