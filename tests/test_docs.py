"""The documentation says what is true: links, endpoints, keys, commands, and the README's first walk."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from operator import attrgetter
from textwrap import dedent

import click
import pytest
import yaml

from hanko_compat.app import create_app
from hanko_compat.backend import openapi as backend_openapi
from hanko_compat.cli import main
from hanko_compat.cli.provider_checks import redirect_remarks
from hanko_compat.cli.saml_checks import of_settings as saml_remarks
from hanko_compat.config import from_mapping
from hanko_compat.config.former_keys import FORMER
from hanko_compat.config.model import Config
from hanko_compat.config.settings import leaves
from hanko_compat.public.openapi import document
from hanko_compat.services.webhooks.email_events import EMAIL_SEND
from hanko_compat.wiring.providers import providers_of
from scripts.draw_architecture import FILES
from tests.markdown import ROOT, page, pages
from tests.servers.hanko_compat import HankoCompat
from tests.servers.process import Server, find_program
from tests.settings import merged, settings_on

README = page("README.md")
DIFFERENCES = page("docs/differences.md")
DEPLOYMENT = page("docs/deployment.md")
BACKEND = page("docs/backend.md")
RATE_LIMITS = page("docs/rate-limits.md")
THIRD_PARTIES = page("docs/third-parties.md")
KEYS = {".".join(leaf.path): leaf.environment for leaf in leaves(Config)}
SECTIONS = {".".join(leaf.path[:depth]) for leaf in leaves(Config) for depth in range(1, len(leaf.path))}
ENDPOINT = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def operations(tmp_path):
    """Every operation of the public door by method and path."""
    return named_operations(document, tmp_path)


def named_operations(describe, tmp_path):
    config = from_mapping(settings_on(f"sqlite:///{tmp_path}/unused.sqlite3"), environ={})
    paths = describe(create_app(config), config)["paths"]
    return {
        f"{method.upper()} {path}" for path, item in paths.items() for method in METHODS if method in item
    }


@pytest.mark.parametrize("source", pages(), ids=lambda each: each.name)
def test_links_lead_somewhere(source):
    for link in source.links():
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (source.path.parent / path).resolve() if path else source.path
        assert target.exists(), f"{source.name}: {link}"
        if anchor:
            assert anchor in page(str(target.relative_to(ROOT))).anchors(), f"{source.name}: {link}"


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [README.path]
    while waiting:
        path = waiting.pop()
        if path.suffix != ".md" or path in reached or not path.exists():
            continue
        reached.add(path)
        for link in page(str(path.relative_to(ROOT))).links():
            target = (path.parent / link.partition("#")[0]).resolve()
            waiting += [target / "README.md"] if target.is_dir() else [target]
    assert {each.path for each in pages()} <= reached


def test_readme_names_exactly_the_endpoints_that_are_served(operations):
    table = README.text.partition("| today | |")[2].partition("\n\n")[0]
    named = {f"{method} {path}" for method, path in ENDPOINT.findall(table.replace("`", " "))}
    pages = {"GET /openapi.json", "GET /docs", "GET /device-cookie", "POST /device-cookie"}
    saml = {"GET /saml/provider", "GET /saml/auth", "POST /saml/callback", "GET /saml/metadata"}
    assert named == operations | pages | saml


def test_page_of_the_door_for_servers_names_exactly_its_operations(tmp_path):
    table = BACKEND.text.partition("| below `/v2` | |")[2].partition("\n\n")[0]
    named = [f"{method} {path}" for method, path in ENDPOINT.findall(table.replace("`", " "))]
    assert sorted(named) == sorted(named_operations(backend_openapi.document, tmp_path))
    assert "the 43 operations" in README.text
    assert len(named) == 43


LIMITS = {
    key.rpartition(".")[0]
    for key in KEYS
    if key.startswith(
        ("hanko_compat.limits.", "rate_limiter.passcode_limits.", "rate_limiter.password_limits.")
    )
} - {"hanko_compat.limits.hashing", "hanko_compat.limits.wrong_guesses"}


@pytest.mark.parametrize("key", sorted(LIMITS))
def test_page_of_limits_has_each_with_its_default(key):
    limit = attrgetter(key)(Config())
    (row,) = re.findall(rf"^\| `{re.escape(key)}` \|.*\| (.*) \|$", RATE_LIMITS.text, re.MULTILINE)
    is_sum = hasattr(limit, "first_day")
    assert [int(number) for number in re.findall(r"\d+(?!m)\b", row)] == (
        [limit.first_day, limit.further_days] if is_sum else [limit.tokens]
    )
    assert is_sum or (row.endswith(" in 1m") and limit.interval == timedelta(minutes=1))


@pytest.mark.parametrize("key", ["hashing", "concurrency", "queue", "wrong_guesses.notice_after"])
def test_page_of_limits_has_the_keys_that_are_no_limits(key):
    assert re.search(rf"`[a-z_.]*{re.escape(key)}`", RATE_LIMITS.text)


@pytest.mark.parametrize("source", pages(), ids=lambda each: each.name)
def test_configuration_keys_exist(source):
    for code in source.codes():
        path = code.partition(":")[0].removesuffix(".*")
        is_file = path.endswith((".py", ".md", ".yaml", ".html", ".txt"))
        if path == EMAIL_SEND or is_file or path in FILES:
            continue
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", path) and path.partition(".")[0] in SECTIONS:
            # Tables of our own keys leave out what all of them begin with.
            known = {path, f"hanko_compat.{path}"} & (KEYS.keys() | SECTIONS | FORMER.keys() | {EMAIL_SEND})
            assert known, f"{source.name}: {code}"


def test_environment_variables_in_the_readme_are_those_of_their_keys():
    rows = re.findall(r"^\| `([a-z_.]+)` \| (?:`([A-Z_]+)`)? *\|", README.text, re.MULTILINE)
    assert len(rows) >= 8
    for key, variable in rows:
        if variable:
            assert KEYS[key] == variable


def test_providers_of_the_examples_work_together():
    settings = settings_on("sqlite:///unused")
    settings["server"]["public"]["cors"]["allow_origins"] = ["https://example.com"]
    settings["session"]["cookie"]["secure"] = True
    settings["webauthn"] = {"relying_party": {"id": "example.com", "origins": ["https://example.com"]}}
    for example in THIRD_PARTIES.blocks("yaml"):
        for section, members in yaml.safe_load(example).items():
            settings = merged(settings, {section: members})
    config = from_mapping(settings, environ={})
    assert set(providers_of(config)) == {"apple", "google", "github", "custom_keycloak"}
    assert list(redirect_remarks(config)) == list(saml_remarks(config)) == []


@pytest.mark.parametrize("example", DEPLOYMENT.blocks("yaml"))
def test_example_configurations_are_accepted(example):
    config = from_mapping(yaml.safe_load(dedent(example)), environ={})
    assert config.warnings == ()
    assert config.without_effect == ()


def command_names(command, prefix=()):
    """The names of a command and of those below it: ``keys rotate``."""
    if not isinstance(command, click.Group):
        return {" ".join(prefix)}
    below = (command_names(each, (*prefix, name)) for name, each in command.commands.items())
    return set().union({" ".join(prefix)}, *below)


@pytest.mark.parametrize("source", pages(), ids=lambda each: each.name)
def test_commands_exist(source):
    known = command_names(main)
    for line in source.commands():
        for words in re.findall(r"(?:^ *|bin/)hanko-compat((?: [a-z][a-z-]*)+)", line):
            name = words.split()[0]
            full = " ".join(words.split()[:2])
            assert name in known, f"{source.name}: {line}"
            if any(each.startswith(f"{name} ") for each in known) and " " in full:
                assert full in known, f"{source.name}: {line}"


@pytest.mark.parametrize("source", pages(), ids=lambda each: each.name)
def test_make_targets_exist(source):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in source.commands():
        for target in re.findall(r"(?:^|=\S+ )make ([a-z]+)", line):
            assert target in targets, f"{source.name}: {line}"


@pytest.mark.parametrize("source", pages(), ids=lambda each: each.name)
def test_named_files_exist(source):
    for code in source.codes():
        if re.fullmatch(r"(hanko_compat|tests|deploy|scripts|docs|benchmarks)/[\w./-]*", code):
            assert (ROOT / code).exists(), f"{source.name}: {code}"


def test_every_difference_in_the_code_is_on_the_page():
    marked = Counter(
        str(file.relative_to(ROOT))
        for file in (ROOT / "hanko_compat").rglob("*.py")
        for _ in re.findall(r"Unlike Hanko 2\.7\.0:", file.read_text(encoding="utf-8"))
    )
    entries = Counter(code for code in DIFFERENCES.codes() if code.startswith("hanko_compat/"))
    assert marked <= entries


def test_house_of_the_architecture_has_every_package():
    named = set(page("docs/architecture.md").codes())
    packages = {f"hanko_compat/{init.parent.name}/" for init in (ROOT / "hanko_compat").glob("*/__init__.py")}
    assert packages <= named


class FirstServer(HankoCompat):
    """What ``make run`` starts, in an empty folder."""

    def __init__(self, run, environment):
        super().__init__(run, {}, workers=1)
        self.environment = environment

    def install(self):
        """Write no configuration: there is none in an empty clone."""

    def command(self):
        serve = [sys.executable, "-m", "hanko_compat", "serve", "--dev"]
        return ["env", *self.environment, *serve, "--bind", f"127.0.0.1:{self.port}"]

    def is_ready(self):
        return self.request("GET", "/health/ready").status == 200


class LocalProxy(Server):
    """nginx as the README starts it for TLS, on ports of its own."""

    def __init__(self, run, upstream):
        super().__init__(run, f"proxy_{upstream.name}")
        self.upstream = upstream

    def install(self):
        """Put configuration and certificate where they lie in a clone."""
        site = (ROOT / "deploy" / "localhost.conf").read_text()
        for example, own in ((8443, self.port), (8000, self.upstream.port)):
            assert f"127.0.0.1:{example}" in site
            site = site.replace(f"127.0.0.1:{example}", f"127.0.0.1:{own}")
        for name in ("deploy", "var"):
            (self.folder / name).mkdir()
        (self.folder / "deploy" / "localhost.conf").write_text(site)
        (certificate,) = README.blocks("sh certificate")
        subprocess.run(["bash", "-ec", certificate], cwd=self.folder, check=True, capture_output=True)

    def command(self):
        (start,) = README.blocks("sh proxy")
        program, *arguments = start.split()
        return [find_program(program), *arguments]


def start_command(label):
    """The environment of a command in the README that must be ``make run``."""
    (start,) = README.blocks(label)
    *environment, make, target = start.split()
    assert (make, target) == ("make", "run")
    assert (
        "hanko-compat serve --dev"
        in (ROOT / "Makefile").read_text().partition("\nrun:")[2].partition("\n\n")[0]
    )
    return environment


@pytest.fixture
def first_server(test_run):
    """The server of the README's first command."""
    server = FirstServer(test_run, start_command("sh start"))
    server.start()
    yield server
    server.remove()


class Walk:
    """A reader who copies all blocks of some kinds into one terminal, in a folder with an environment."""

    def __init__(self, folder, ports):
        self.folder = folder
        self.ports = ports

    def here(self, text):
        """*text* with the ports of the servers that are really there, and this Python."""
        here = {f"localhost:{example}": f"localhost:{own}" for example, own in self.ports.items()}
        here[".venv/bin/hanko-compat"] = f"{sys.executable} -m hanko_compat"
        here[".venv/bin/python"] = sys.executable
        # All at once: this Python may itself lie in a folder .venv.
        examples = "|".join(re.escape(example) for example in here)
        return re.sub(rf"(?:{examples})\b", lambda found: here[found[0]], text)

    def save(self, name, label):
        """Save the one program with this label."""
        (program,) = README.blocks(label)
        (self.folder / name).write_text(self.here(program))
        return program

    def do(self, *labels):
        """Do what stands in the blocks; return what the terminal shows."""
        script = self.here("\n".join(block for label in labels for block in README.blocks(label)))
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        walk = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert walk.returncode == 0, walk.stderr
        return walk.stdout


@pytest.mark.servers
def test_first_walk_of_the_readme(first_server, tmp_path):
    walk = Walk(tmp_path, {8000: first_server.port})
    program = walk.save("verify.py", "python")
    assert len([line for line in program.splitlines() if line]) <= 10

    shown = walk.do("sh")

    assert "HTTP/1.1 200 OK" in shown
    user_id = re.search(r'"user_id": ?"([0-9a-f-]{36})"', shown)[1]
    [addresses] = [json.loads(line) for line in shown.splitlines() if line.startswith("[{")]
    assert [(one["address"], one["is_verified"], one["is_primary"]) for one in addresses] == [
        ("alice@example.com", True, False),
        ("alice@example.org", True, True),
    ]
    assert f"user {user_id}\naddress alice@example.com\n" in shown
    assert re.search(r'"is_valid": ?true', shown)


@pytest.fixture
def second_server(test_run):
    """The server of the README's second walk, with nginx in front; its folder is the clone."""
    server = FirstServer(test_run, start_command("sh start-servers"))
    proxy = LocalProxy(test_run, server)
    server.start()
    proxy.start()
    # Only now are the ports known that the issuer is made of.
    server.stop()
    server.environment = [each.replace(":8443", f":{proxy.port}") for each in server.environment]
    server.start()
    yield server, proxy
    proxy.remove()
    server.remove()


@pytest.mark.servers
def test_second_walk_of_the_readme(second_server):
    server, proxy = second_server
    walk = Walk(server.folder, {8000: server.port, 8443: proxy.port})
    walk.save("verify.py", "python")
    walk.save("users.py", "python servers")
    shutil.copy(proxy.folder / "var" / "cert.pem", server.folder / "var")

    shown = walk.do("sh", "sh servers").partition("session of ")[2]

    user_id, full_name, *_ = shown.splitlines()[0].split(maxsplit=1)
    assert (user_id[:4], full_name) == ("usr-", "Jane Doe")
    assert re.findall(r'"is_valid": ?(true|false)', shown) == ["true", "false"]
