"""The command ``webhooks``: what waits and what was given up, without a word of it, and delivered again."""

import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import jwt
import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.models import DeadLetter, Delivery
from tests.cli.terminal import run, write_config
from tests.receiver import Receiver
from tests.services.webhooks import hooks
from tests.settings import settings_on


@pytest.fixture
def receiver():
    with Receiver(status=500) as server:
        yield server


@pytest.fixture
def settings(receiver):
    changes = hooks.configured(receiver)
    changes["webhooks"]["hooks"][0]["callback"] = receiver.url.replace("//", "//jane:s3cret@") + "?key=s3cret"
    return changes | {"hanko_compat.webhooks.private_networks": ["127.0.0.0/8"]}


@pytest.fixture
def services(make_services, settings):
    return make_services(settings)


@pytest.fixture
def config_file(database_url, settings):
    return str(write_config(Path("webhooks.yaml"), settings_on(database_url, settings)))


def data(post):
    """What an event tells."""
    token = json.loads(post.body)["token"]
    return jwt.decode(token, options={"verify_signature": False})["data"]


def give_up(services, clock):
    """Try what waits until it is given up."""
    while hooks.waiting(services):
        services.delivery.threads.deliver_due()
        clock.advance(hours=1)


def test_list(services, config_file, receiver, clock):
    hook_id = hooks.add_to_table(services, receiver.url, expires_at=utc_now(), enabled=False)
    hooks.put(services, name="Jane")
    give_up(services, clock)
    for _ in range(2):
        hooks.put(services, name="Jane")
    result = run("webhooks", "list", "--config", config_file)
    assert result.exit_code == 0
    heading, first, second = result.output.splitlines()
    assert heading.split() == ["ID", "STATE", "FAILURES", "WAITING", "DEAD", "PLACE", "EVENTS"]
    assert first.split()[1:5] == ["on", "0", "2", "1"]
    assert first.endswith(f"  http://127.0.0.1:{receiver.port}  user, email.send")
    assert second.split()[:5] == [str(hook_id), "off", "0", "0", "0"]
    assert "s3cret" not in result.output


def test_a_hook_that_is_gone_is_listed_while_something_waits_for_it(services, database_url):
    hooks.put(services)
    config_file = str(write_config(Path("without.yaml"), settings_on(database_url, {})))
    listed = json.loads(run("webhooks", "list", "--json", "--config", config_file).stdout)
    assert listed == {
        "id": hooks.waiting(services)[0].recipient,
        "state": "gone",
        "failures": 0,
        "waiting": 1,
        "dead": 0,
        "place": None,
        "events": [],
    }


def test_deliveries(services, config_file, clock):
    hooks.put(services, "user.create", name="Jane")
    give_up(services, clock)
    hooks.put(services, "user.update", name="Jane")
    (waits,), (letter,) = hooks.waiting(services), hooks.dead(services)
    result = run("webhooks", "deliveries", "--config", config_file)
    _, first, second = result.output.splitlines()
    assert first.split()[:4] == [str(waits.id), "waiting", "user.update", "0"]
    assert second.split()[:3] == [str(letter.id), "dead", "user.create"]
    assert second.endswith(f"{letter.recipient}  status 500")
    assert "Jane" not in result.output
    none = run("webhooks", "deliveries", "--hook", "another", "--config", config_file)
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "nothing waits, and nothing was given up\n")
    lines = run("webhooks", "deliveries", "--json", "--config", config_file).stdout.splitlines()
    assert [(row["state"], row["reason"]) for row in map(json.loads, lines)] == [
        ("waiting", ""),
        ("dead", "status 500"),
    ]
    assert "Jane" not in "".join(lines)


def test_redeliver_by_id(services, config_file, receiver, clock):
    hooks.put(services, name="Jane")
    give_up(services, clock)
    (letter,) = hooks.dead(services)
    receiver.status = 200
    result = run("webhooks", "redeliver", str(letter.id), "--config", config_file)
    assert (result.exit_code, result.output) == (0, "1 event is on the way again\n")
    services.delivery.threads.deliver_due()
    assert receiver.received[-1].headers["Webhook-Id"] == str(letter.id)
    assert hooks.dead(services) == hooks.waiting(services) == []


def test_redeliver_all_of_a_hook_in_their_order(services, config_file, clock):
    for event in ("user.create", "user.update", "user.delete"):
        hooks.put(services, event)
        clock.advance(seconds=1)
    hooks.put(services, "email.send", expires_at=clock() + timedelta(minutes=5))
    give_up(services, clock)
    with services.database.connection():
        # The command has another clock.
        mails = DeadLetter.kind == "email.send"
        DeadLetter.update(expires_at=utc_now() - timedelta(minutes=1)).where(mails).execute()
    hook_id = hooks.dead(services)[0].recipient
    result = run("webhooks", "redeliver", "--hook", hook_id, "--config", config_file)
    assert result.output == "3 events are on the way again\n"
    assert {row.kind for row in hooks.waiting(services)} == {"user.create", "user.update", "user.delete"}
    assert [letter.kind for letter in hooks.dead(services)] == ["email.send"]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["hook", "id"])
@pytest.mark.parametrize("has_turns", [True, False])
def test_what_is_redelivered_takes_its_former_place(services, config_file, receiver, clock, by, has_turns):
    """Also before what has happened meanwhile and waits: the receiver ends with the user as it is."""
    receiver.status = 500
    user_id, moment = uuid4(), clock()
    for number in range(6):
        if not has_turns:
            clock.advance(seconds=1)
        hooks.put(services, "user.update", user_id=user_id, number=number)
    give_up(services, clock)
    letters = hooks.dead(services)
    with services.database.connection():
        # As MariaDB keeps them, and as a server of an earlier release does.
        changes = {"created_at": moment} if has_turns else {"turn": 0}
        DeadLetter.update(changes).execute()
    hooks.put(services, "user.update", user_id=user_id, number=6)
    chosen = ["--hook", letters[0].recipient] if by == "hook" else [str(each.id) for each in letters[::-1]]
    result = run("webhooks", "redeliver", *chosen, "--config", config_file)
    assert result.output == "6 events are on the way again\n"
    receiver.status, receiver.received = 200, []
    for _ in range(7):
        services.delivery.threads.deliver_due()
        clock.advance(minutes=1)
    assert [told["number"] for told in map(data, receiver.received)] == list(range(7))


def test_of_several_all_are_redelivered_or_none(services, config_file, clock):
    hooks.put(services)
    give_up(services, clock)
    (letter,) = hooks.dead(services)
    result = run("webhooks", "redeliver", str(letter.id), str(uuid4()), "--config", config_file)
    assert (result.exit_code, "there is no dead letter" in result.output) == (3, True)
    assert [each.id for each in hooks.dead(services)] == [letter.id]
    twice = run("webhooks", "redeliver", str(letter.id), str(letter.id), "--config", config_file)
    assert twice.output == "1 event is on the way again\n"


@pytest.mark.parametrize(
    ("arguments", "text", "exit_code"),
    [
        ([], "name either deliveries or, with --hook, a hook", 2),
        (["--hook", "a", "00000000-0000-4000-8000-000000000000"], "name either", 2),
        (["--hook", "unknown"], "there is no hook unknown", 3),
        (["00000000-0000-4000-8000-000000000000"], "there is no dead letter 0000", 3),
        (["no-id"], "no-id", 2),
    ],
)
def test_what_cannot_be_redelivered(config_file, arguments, text, exit_code):
    result = run("webhooks", "redeliver", *arguments, "--config", config_file)
    assert result.exit_code == exit_code
    assert text in result.output


def test_nothing_is_redelivered_to_a_hook_that_is_off_nor_after_its_time(services, config_file, clock):
    now = utc_now()
    hook_id = hooks.add_to_table(services, "http://127.0.0.1:9/", expires_at=now, enabled=False)
    hooks.put(services, "email.send", expires_at=clock() + timedelta(minutes=5))
    give_up(services, clock)
    with services.database.connection():
        DeadLetter.update(expires_at=now - timedelta(minutes=1)).execute()
    (letter,) = hooks.dead(services)
    expired = run("webhooks", "redeliver", str(letter.id), "--config", config_file)
    assert (expired.exit_code, "has expired" in expired.output) == (1, True)
    with services.database.connection():
        DeadLetter.update(recipient=str(hook_id)).execute()
    off = run("webhooks", "redeliver", "--hook", str(hook_id), "--config", config_file)
    assert (off.exit_code, "switched off" in off.output) == (1, True)
    with services.database.connection():
        assert Delivery.select().count() == 0
