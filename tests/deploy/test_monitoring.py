"""deploy/prometheus and deploy/grafana: alerts that fire when they should, and panels that show something."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanko_compat.metrics.counters import Metrics
from tests.receiver import Receiver
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.process import find_program, free_port
from tests.servers.prometheus import Prometheus
from tests.servers.run import Run
from tests.services.webhooks.hooks import configured
from tests.settings import settings_on
from tests.smtp import MailServer

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
TESTS = Path(__file__).with_name("alerts.test.yml")
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "hanko-compat.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"] for panel in PANELS for target in panel["targets"]
}
RULES = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
WITHOUT_TRAFFIC = {"Rows deleted by the clean-up A"}
"""Nothing is old enough to be deleted by a server that has just begun."""


DOCUMENTED = (DEPLOY.parent / "docs" / "monitoring.md").read_text()


def names_in(expression: str) -> set[str]:
    return set(re.findall(r"hanko_compat_\w+", expression))


def exported_names() -> set[str]:
    found = set()
    for metric in Metrics().registry.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(metric.type, [""])
        found |= {f"{metric.name}{suffix}" for suffix in suffixes}
    return found


def filled_in(expression: str) -> str:
    """A query as Grafana sends it, for all jobs."""
    return expression.replace("$__rate_interval", "1m").replace("$job", ".+")


def promtool(*arguments: str, folder: Path) -> None:
    command = [find_program("promtool"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.servers
def test_prometheus_takes_the_files() -> None:
    promtool("check", "config", "prometheus.yml", folder=ALERTS.parent)


@pytest.mark.servers
def test_alerts_fire_when_they_should(tmp_path: Path) -> None:
    for file in (ALERTS, TESTS):
        shutil.copy(file, tmp_path)
    promtool("test", "rules", TESTS.name, folder=tmp_path)


def test_each_alert_is_tried_and_says_what_to_do() -> None:
    tried = TESTS.read_text()
    for rule in RULES:
        assert f"alertname: {rule['alert']}" in tried or f'"{rule["alert"]}"' in tried
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"].endswith((".", ")"))


@pytest.mark.parametrize("expression", [*QUERIES.values(), *(rule["expr"] for rule in RULES)])
def test_what_is_asked_for_is_exported(expression: str) -> None:
    assert names_in(expression) <= exported_names()


def test_the_page_has_every_number_and_every_alert() -> None:
    rows = set(re.findall(r"(?m)^\| `(\w+)` \|", DOCUMENTED))
    numbers = {name for name in exported_names() if not name.endswith(("_bucket", "_count", "_sum"))}
    assert rows == {*numbers, "hanko_compat_request_duration_seconds", *(rule["alert"] for rule in RULES)}


def test_panels_do_not_overlap_and_have_a_name_of_their_own() -> None:
    titles = [panel["title"] for panel in DASHBOARD["panels"]]
    assert len(set(titles)) == len(titles)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert taken.isdisjoint(cells)
        assert place["x"] + place["w"] <= 24
        taken |= cells


@pytest.fixture(scope="module")
def prometheus(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Prometheus that watches a server which has seen a bit of everything."""
    folder, port = tmp_path_factory.mktemp("monitoring"), free_port()
    with MailServer() as mail_server, Receiver() as receiver:
        changes = {
            "hanko_compat.metrics.bind": f"127.0.0.1:{port}",
            "email.require_verification": False,
            "email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)},
            "rate_limiter": {"enabled": True, "password_limits": {"tokens": 1, "interval": "1h"}},
            **configured(receiver),
        }
        settings = settings_on(f"sqlite:///{folder}/db.sqlite3", changes)
        server = HankoCompat(test_run, settings, workers=2)
        configuration = yaml.safe_load((ALERTS.parent / "prometheus.yml").read_text())
        configuration["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
        prometheus = Prometheus(test_run, configuration, {"alerts.yml": ALERTS.read_text()})
        server.start()
        prometheus.start()
        visit(server, "first")
        receiver.wait_for(1)
        mail_server.wait_for_mail("first@example.test")
        # A counter has a rate from its second sample on, so it has to be there before it grows.
        seen = "hanko_compat_webhooks_total"
        wait_until(lambda: bool(prometheus.query(f"{seen} > 0")), why=server.log.read_text)
        visit(server, "second")
        wait_until(
            lambda: all(prometheus.query(filled_in(each)) for name, each in QUERIES.items() if is_busy(name)),
            why=lambda: str(
                [name for name, each in QUERIES.items() if not prometheus.query(filled_in(each))]
            ),
        )
        yield prometheus
        prometheus.remove()
        server.remove()


def is_busy(name: str) -> bool:
    return name not in WITHOUT_TRAFFIC


def visit(server: HankoCompat, name: str) -> None:
    """Sign up, ask for a passcode, and try passwords until a limit refuses them."""
    user = server.request("POST", "/users", {"email": f"{name}@example.test"})
    assert user.status == 200, user.body
    user_id = user.body["user_id"]
    assert server.request("POST", "/passcode/login/initialize", {"user_id": user_id}).status == 200
    tries = [
        server.request("POST", "/password/login", {"user_id": user_id, "password": "wrong horse"}).status
        for _ in range(2)
    ]
    assert tries == [401, 429]


@pytest.mark.servers
@pytest.mark.slow
def test_every_panel_shows_something(prometheus: Prometheus) -> None:
    for name, expression in QUERIES.items():
        found = prometheus.query(filled_in(expression))
        # A quantile of nothing is no number: that of a route that nobody has called for a minute.
        assert any(float(series["value"][1]) >= 0 for series in found) or not is_busy(name), name


@pytest.mark.servers
@pytest.mark.slow
def test_every_alert_can_be_evaluated_and_none_fires_on_a_sound_server(prometheus: Prometheus) -> None:
    (group,) = prometheus.get("rules")["groups"]
    wait_until(
        lambda: all(rule["health"] == "ok" for rule in prometheus.get("rules")["groups"][0]["rules"]),
        why=lambda: str(prometheus.get("rules")),
    )
    assert {rule["name"] for rule in group["rules"]} == {rule["alert"] for rule in RULES}
    assert prometheus.query('ALERTS{alertstate="firing"}') == []


@pytest.mark.servers
@pytest.mark.slow
def test_the_job_of_the_dashboard_is_found(prometheus: Prometheus) -> None:
    (job,) = [each for each in DASHBOARD["templating"]["list"] if each["name"] == "job"]
    name = re.fullmatch(r"label_values\((\w+), job\)", job["definition"])
    assert name
    assert {each["metric"]["job"] for each in prometheus.query(name[1])} == {"hanko-compat"}
