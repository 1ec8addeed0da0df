"""Users of an application, and requests to it."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from hanko_compat.hashing import bcrypt
from tests.calls import CALLER
from tests.factories import make_account, make_credential, make_email, make_password
from tests.sessions import issue_session

GOOD = "correct horse"
HASH = bcrypt.create(GOOD, cost=4)


@dataclass
class Call:
    """A request about to be sent."""

    method: str
    path: str
    body: Any = None  # JSON; bytes as they are
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def send(self, client: FlaskClient) -> TestResponse:
        """Send it as it is now."""
        data = self.body if isinstance(self.body, bytes | None) else json.dumps(self.body).encode()
        content_type = None if self.body is None else self.content_type
        return client.open(
            self.path, method=self.method, data=data, headers=self.headers, content_type=content_type
        )


class World:
    """Two users, of whom Alice has a session, a password, a second address and a passkey."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client(use_cookies=False)
        self.services = app.extensions["hanko_compat"]
        self.email, self.bobs = make_account(), make_account()
        self.second = make_email(user=self.email.user)
        self.alice, self.bob = self.email.user_id, self.bobs.user_id
        self.credential = make_credential(user=self.alice)
        make_password(user=self.alice, password=HASH)
        self.headers = self.session_of(self.alice)

    def session_of(self, user_id: UUID) -> dict[str, str]:
        """Headers with a new session of the user."""
        return {"Authorization": f"Bearer {issue_session(self.services, user_id, client=CALLER).token}"}
