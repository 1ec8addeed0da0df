"""Webhook endpoints: kept with their credentials encrypted; what can't be called is refused."""

import re

import pytest

from hanko_compat.storage.delivery import deliveries
from hanko_compat.storage.models import WebhookEndpoint
from tests.backend.server import problems

UNKNOWN = {("webhookEndpointID", "does not exist")}
BLANK, NOT_VALID, FORM = "cannot be blank", "must be a valid value", "must be in a valid format"
NO_URL = "must be a valid URL"
EVENTS = [
    "passkey-login.completed",
    "passkey.created",
    "passkey.deleted",
    "user.created",
    "user.updated",
    "user.deleted",
]
GOOD = {
    "url": "https://hooks.example.test/in?key=1",
    "subscribedEvents": ["user.created", "user.deleted"],
    "customHeaders": {"X-Tenant": "one"},
}


def make(backend, **changes):
    response = backend.post("/webhookEndpoints", GOOD | changes)
    assert response.status_code == 200, response.json
    return response.json


def listed(backend):
    return backend.get("/webhookEndpoints").json["webhookEndpoints"]


def put(backend, endpoint_id, body):
    return backend.call("PUT", f"/webhookEndpoints/{endpoint_id}", body)


def test_there_is_none(backend):
    assert backend.get("/webhookEndpoints").json == {"webhookEndpoints": []}


def test_an_endpoint_is_kept_as_it_was_made(backend, clock):
    made = make(backend, basicAuthUsername="jane", basicAuthPassword="s3cret")
    assert re.fullmatch(r"whe-\d{1,39}", made["id"])
    assert {name: made[name] for name in GOOD} == GOOD
    assert (made["basicAuthUsername"], made["basicAuthPassword"]) == ("jane", "s3cret")
    assert made["created"] == made["updated"] == f"{clock():%Y-%m-%dT%H:%M:%S}"
    assert made["createdMs"] // 1000 == made["updatedMs"] // 1000 == int(clock().timestamp())
    assert listed(backend) == [made]


@pytest.mark.parametrize("credentials", [{}, {"basicAuthUsername": None, "basicAuthPassword": ""}])
def test_empty_texts_stand_for_no_credentials(backend, credentials):
    made = make(backend, **credentials)
    assert (made["basicAuthUsername"], made["basicAuthPassword"]) == ("", "")


def test_secrets_are_stored_encrypted(backend, services):
    make(backend, basicAuthUsername="jane", basicAuthPassword="s3cret", customHeaders={"X-Key": "k3y"})
    with services.database.connection():
        (row,) = WebhookEndpoint.select()
    assert not re.search("s3cret|k3y|X-Key", str(row.__data__))


def test_what_no_secret_decrypts_is_left_out(backend, services, caplog):
    made = make(backend, basicAuthUsername="jane", basicAuthPassword="s3cret")
    with services.database.connection():
        WebhookEndpoint.update(password="x" * 60, custom_headers="x" * 60).execute()
    (shown,) = listed(backend)
    assert (shown["id"], shown["basicAuthPassword"], shown["customHeaders"]) == (made["id"], "", {})
    assert "webhook_endpoint_unreadable" in caplog.messages


def test_endpoints_come_in_the_order_of_their_making(backend, clock):
    made = []
    for _ in range(3):
        made.append(make(backend))
        clock.advance(seconds=1)
    assert listed(backend) == made


def test_an_event_counts_once(backend):
    assert make(backend, subscribedEvents=[*EVENTS, *EVENTS])["subscribedEvents"] == EVENTS


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.test",
        "https://hooks.example.test:8443/a/b?c=d%20e",
        "http://[2001:db8::1]/in",
        "http://127.0.0.1:9/",
        "HTTPS://hooks.example.test/",
    ],
)
def test_a_url_that_can_be_called(backend, url):
    assert make(backend, url=url)["url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "hooks.example.test",
        "//hooks.example.test/in",
        "ftp://hooks.example.test/in",
        "https://",
        "https:///in",
        "https://jane:secret@hooks.example.test/",
        "https://hooks.example.test/#part",
        "https://hooks.example.test/a b",
        "https://hooks.example.test/\r\nX-Evil: 1",
        "https://hooks.example.test/ä",
        "https://bücher.example.test/",
        "https://hooks.example.test:0/",
        "https://hooks.example.test:70000/",
        "https://[::1/",
        "file:///etc/passwd",
    ],
)
def test_a_url_that_cannot(backend, url):
    assert problems(backend.post("/webhookEndpoints", GOOD | {"url": url})) == {("url", NO_URL)}
    made = make(backend)
    assert problems(put(backend, made["id"], {"url": url})) == {("url", NO_URL)}
    assert listed(backend) == [made]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"url": ""}, ("url", BLANK)),
        ({"url": None}, ("url", BLANK)),
        ({"url": 7}, ("url", NOT_VALID)),
        ({"url": "https://a.test/" + "x" * 2048}, ("url", "the length must be between 1 and 2048")),
        ({"subscribedEvents": []}, ("subscribedEvents", BLANK)),
        ({"subscribedEvents": None}, ("subscribedEvents", BLANK)),
        ({"subscribedEvents": "user.created"}, ("subscribedEvents", NOT_VALID)),
        ({"subscribedEvents": ["user.created", "user.gone"]}, ("subscribedEvents.1", NOT_VALID)),
        ({"subscribedEvents": [7]}, ("subscribedEvents.0", NOT_VALID)),
        ({"customHeaders": None}, ("customHeaders", BLANK)),
        ({"customHeaders": ["X-A"]}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"X-A": 1}}, ("customHeaders.X-A", NOT_VALID)),
        ({"customHeaders": {"X A": "1"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"": "1"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"X-A": "1\r\nX-Evil: 1"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"X-A": " 1"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"X-A": "é"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"host": "evil.test"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"Content-Length": "0"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"Transfer-Encoding": "chunked"}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {f"X-{n}": "" for n in range(51)}}, ("customHeaders", NOT_VALID)),
        ({"customHeaders": {"X-A": "x" * 8192}}, ("customHeaders", NOT_VALID)),
        ({"basicAuthUsername": "ja:ne"}, ("basicAuthUsername", FORM)),
        ({"basicAuthUsername": 7}, ("basicAuthUsername", NOT_VALID)),
        ({"basicAuthPassword": []}, ("basicAuthPassword", NOT_VALID)),
        ({"basicAuthPassword": "x" * 256}, ("basicAuthPassword", "the length must be between 1 and 255")),
    ],
)
def test_an_endpoint_that_is_refused(backend, changes, told):
    assert problems(backend.post("/webhookEndpoints", GOOD | changes)) == {told}
    assert listed(backend) == []


def test_all_that_is_missing_is_told_at_once(backend):
    told = {(name, BLANK) for name in ("url", "subscribedEvents", "customHeaders")}
    assert problems(backend.post("/webhookEndpoints", {})) == told


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://other.example.test/"},
        {"subscribedEvents": ["passkey.created"]},
        {"customHeaders": {}},
        {"basicAuthUsername": "john", "basicAuthPassword": "other"},
        {"basicAuthUsername": "", "basicAuthPassword": ""},
        {},
        {"url": None, "subscribedEvents": None, "customHeaders": None, "basicAuthPassword": None},
    ],
)
def test_update_changes_what_is_named(backend, clock, changes):
    made = make(backend, basicAuthUsername="jane", basicAuthPassword="s3cret")
    clock.advance(seconds=5)
    response = put(backend, made["id"], changes)
    assert response.status_code == 200, response.json
    given = {name: value for name, value in changes.items() if value is not None}
    times = {name: response.json[name] for name in ("updated", "updatedMs")}
    assert response.json == made | given | times
    assert (response.json["updatedMs"] > made["updatedMs"]) == bool(given)
    assert listed(backend) == [response.json]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"url": ""}, ("url", BLANK)),
        ({"subscribedEvents": []}, ("subscribedEvents", BLANK)),
        ({"customHeaders": {"Host": "evil.test"}}, ("customHeaders", NOT_VALID)),
        ({"basicAuthUsername": "\n"}, ("basicAuthUsername", FORM)),
    ],
)
def test_an_update_that_is_refused(backend, body, told):
    made = make(backend)
    assert problems(put(backend, made["id"], body)) == {told}
    assert listed(backend) == [made]


@pytest.mark.parametrize("text", ["whe-1", "non-existent-id", "usr-1"])
def test_an_unknown_endpoint(backend, text):
    made = make(backend)
    assert problems(put(backend, text, {})) == UNKNOWN
    assert problems(put(backend, text, {"url": "https://a.test/"})) == UNKNOWN
    assert problems(backend.delete(f"/webhookEndpoints/{text}")) == UNKNOWN
    assert listed(backend) == [made]


def test_delete_takes_along_what_the_endpoint_was_to_be_told(backend, services):
    made, other = make(backend), make(backend)
    backend.user()
    with services.database.connection():
        assert deliveries.count() == 2
    assert backend.delete(f"/webhookEndpoints/{made['id']}").json["message"] == "OK"
    assert listed(backend) == [other]
    with services.database.connection():
        assert deliveries.count() == 1
    assert problems(backend.delete(f"/webhookEndpoints/{made['id']}")) == UNKNOWN
