"""A customer's server: calls the backend door with its credentials, and checks each answer's shape."""

import base64
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.backend import specification


def basic(project_id: str, secret: str) -> dict[str, str]:
    """The header of HTTP Basic (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{project_id}:{secret}".encode()).decode()}


@dataclass
class Server:
    """Paths are those below ``/v2``."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Send a request; fail unless the answer fits its published schema."""
        if body is not None:
            options["json"] = body
        response = self.client.open(f"/v2{path}", method=method, headers=self.headers, **options)
        specification.check(response)
        return response

    def get(self, path: str, *filters: str, **parameters: Any) -> TestResponse:
        """Send a GET, with filters and the other parameters of lists."""
        query = [("filter[]", each) for each in filters] + [
            (name, str(value)) for name, value in parameters.items()
        ]
        return self.call("GET", path, query_string=query)

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self.call("POST", path, body)

    def update(self, path: str, body: Any = None) -> TestResponse:
        """Send a PATCH (RFC 5789)."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> TestResponse:
        return self.call("DELETE", path)

    def user(self, **changes: Any) -> str:
        """Make a user; return its ID."""
        return self.post("/users", {"status": "active"} | changes).json["userID"]

    def identifier(self, user_id: str, value: str, *, type_: str = "email", status: str = "verified") -> str:
        """Give a user an identifier; return its ID."""
        body = {"identifierType": type_, "identifierValue": value, "status": status}
        response = self.post(f"/users/{user_id}/identifiers", body)
        assert response.status_code == 200, response.json
        return response.json["identifierID"]


def problems(response: TestResponse) -> set[tuple[str, str]]:
    """What is wrong with which member, as the answer tells."""
    assert response.status_code == 400, response.json
    assert response.json["error"]["type"] == "validation_error"
    return {(each["field"], each["message"]) for each in response.json["error"]["validation"]}
