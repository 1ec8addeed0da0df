"""The process that publishes the numbers of all workers."""

import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from tests.servers.process import PATIENCE, free_port

# A server as gunicorn makes one: the parent starts the exporter, forks workers that count, and waits.
SERVER = """
import os, sys
from hanko_compat.metrics.counters import Metrics
from hanko_compat.metrics.exporter import Exporter

exporter = Exporter(sys.argv[1])
metrics = Metrics()
exporter.start()
for _ in range(3):
    worker = os.fork()
    if not worker:
        for _ in range(5):
            metrics.count_request(route="/users", method="POST", status=200, seconds=0.01)
        os._exit(0)
    os.waitpid(worker, 0)
    exporter.forget(worker)
print(exporter.directory, flush=True)
sys.stdin.readline()
exporter.stop()
"""


# Two applications in one process, each with its own metrics.
TWO_APPLICATIONS = """
import shutil
from hanko_compat.metrics import exporter
from hanko_compat.metrics.counters import Metrics

directory = exporter.use_directory()
first, second = Metrics(), Metrics()
for metrics in (first, second, first):
    metrics.count_database_error()
    metrics.count_request(route="/users", method="POST", status=200, seconds=0.01)
print(exporter.render(str(directory)).decode())
shutil.rmtree(directory)
"""


def scrape(port: int, path: str = "/metrics") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode()


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def server(port):
    command = [sys.executable, "-c", SERVER, f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_counts_of_all_workers_are_added_up_and_outlive_them(server, port):
    server.stdout.readline()
    status, text = scrape(port)
    assert status == 200
    assert 'hanko_compat_requests_total{method="POST",route="/users",status="200"} 15.0' in text
    assert 'hanko_compat_request_duration_seconds_count{route="/users"} 15.0' in text
    assert [scrape(port, path)[0] for path in ("/", "//metrics", "/%6Detrics", "/metrics/")] == [404] * 4


def test_the_counts_of_two_applications_in_one_process_are_added_up():
    command = [sys.executable, "-c", TWO_APPLICATIONS]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
    assert "hanko_compat_database_errors_total 3.0" in text
    assert 'hanko_compat_requests_total{method="POST",route="/users",status="200"} 3.0' in text
    assert 'hanko_compat_request_duration_seconds_count{route="/users"} 3.0' in text


def test_a_stopped_server_leaves_nothing_behind(server, port):
    directory = Path(server.stdout.readline().strip())
    assert list(directory.iterdir())
    server.communicate("stop\n", timeout=PATIENCE)
    assert server.returncode == 0
    assert not directory.exists()
    with pytest.raises(ConnectionRefusedError):
        scrape(port)


def test_a_killed_server_takes_the_exporter_and_the_directory_with_it(server, port):
    directory = Path(server.stdout.readline().strip())
    assert scrape(port)[0] == 200
    server.send_signal(signal.SIGKILL)
    # Until the exporter has ended, too, a connection is answered, in whole or in part, or reset, but not
    # refused.
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        try:
            scrape(port)
        except ConnectionRefusedError:
            break
        except (OSError, HTTPException):
            continue
    else:
        pytest.fail("the exporter lives on")
    assert not directory.exists()


def test_an_address_in_use_is_told_at_the_start(port):
    with socket.create_server(("127.0.0.1", port)):
        command = [sys.executable, "-c", SERVER, f"127.0.0.1:{port}"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 1
    told = result.stderr.splitlines()[-1]
    assert f"OperatorError: metrics can't be served at 127.0.0.1:{port}: Address already in use" in told
    assert "hanko_compat.metrics.bind" in told
