"""The manifests: they fit Kubernetes' own schemas, fit each other, and name what the server really has."""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import kubernetes_validate
import pytest
from click.testing import CliRunner, Result

from hanko_compat.cli import main
from hanko_compat.config import Config
from hanko_compat.config.settings import leaves
from tests.backend.server import basic
from tests.deploy.manifests import (
    CONFIG,
    FOLDER,
    KUSTOMIZATION,
    containers,
    pods,
    probes,
    resources,
    secrets,
)
from tests.servers.hanko_compat import HankoCompat, ask, wait_until
from tests.servers.postgres import Postgres
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.settings import SECRET

RESOURCES = resources()
PODS = pods()
VERSIONS = ("1.29", "1.37")
"""The oldest and the newest version of Kubernetes that the manifests are for."""

EVERY_POD = pytest.mark.parametrize("pod", PODS.values(), ids=PODS.keys())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES.keys())
def test_manifests_fit_the_schemas(resource: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(resource, version, strict=True)

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**resource, "sepc": {}}, version, strict=True)


def test_each_file_is_part_of_the_kustomization() -> None:
    (config,) = KUSTOMIZATION["configMapGenerator"]
    (secret,) = KUSTOMIZATION["secretGenerator"]
    given = {*KUSTOMIZATION["resources"], *config["files"], "kustomization.yaml", "secrets.example.env"}

    assert given == {file.name for file in FOLDER.iterdir()} - {"secrets.env"}
    assert secret["envs"] == ["secrets.env"]
    assert "/deploy/kubernetes/secrets.env" in (FOLDER.parents[1] / ".gitignore").read_text().splitlines()


@EVERY_POD
def test_pods_get_what_is_generated(pod: dict[str, Any]) -> None:
    generated = {each["name"] for each in KUSTOMIZATION["configMapGenerator"]}
    images = {each["name"] for each in KUSTOMIZATION["images"]}
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}

    assert {volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume} == generated
    for container in containers(pod):
        assert container["image"] in images
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
        assert [source["secretRef"]["name"] for source in container["envFrom"]] == ["hanko-compat"]
        (config,) = [each["value"] for each in container["env"] if each["name"] == "HANKO_CONFIG"]
        (mount,) = [each["mountPath"] for each in container["volumeMounts"] if each["name"] == "config"]
        assert config == f"{mount}/{CONFIG.name}"


def test_secrets_are_settings_without_values() -> None:
    assert secrets().keys() <= {leaf.environment for leaf in leaves(Config)}
    assert set(secrets().values()) == {""}


@EVERY_POD
def test_pods_are_restricted(pod: dict[str, Any]) -> None:
    """As the strictest of Kubernetes' Pod Security Standards wants it, and more."""
    labels = RESOURCES["Namespace/hanko-compat"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"

    spec = pod["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
    for container in containers(pod):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]


@EVERY_POD
def test_pods_run_as_the_user_of_the_image(pod: dict[str, Any]) -> None:
    user = re.search(r"(?m)^USER (\d+)$", (FOLDER.parent / "Containerfile").read_text())[1]
    assert str(pod["spec"]["securityContext"]["runAsUser"]) == user


@EVERY_POD
def test_services_put_no_variables_into_pods(pod: dict[str, Any]) -> None:
    """HANKO_COMPAT_BACKEND_PORT and the like begin as our own settings do."""
    assert pod["spec"]["enableServiceLinks"] is False


def test_selectors_find_the_pods() -> None:
    templates = {name: pod["metadata"]["labels"] for name, pod in PODS.items()}

    def selected(labels: dict[str, str]) -> set[str]:
        return {name for name, given in templates.items() if labels.items() <= given.items()}

    found = {}
    for name, resource in RESOURCES.items():
        spec = resource.get("spec", {})
        selector = spec.get("selector") or spec.get("podSelector")
        if selector:
            found[name] = selected(selector.get("matchLabels", selector))
    server, worker = {"hanko-compat"}, {"hanko-compat-worker"}
    assert found == {
        "Deployment/hanko-compat": server,
        "Deployment/hanko-compat-worker": worker,
        "Service/hanko-compat": server,
        "Service/hanko-compat-backend": server,
        "NetworkPolicy/hanko-compat": server | worker,
        "PodDisruptionBudget/hanko-compat": server,
    }


def test_ports_have_the_names_that_are_used() -> None:
    (server,) = PODS["hanko-compat"]["spec"]["containers"]
    names = {port["name"] for port in server["ports"]}
    public, backend = (
        RESOURCES[f"Service/{name}"]["spec"]["ports"] for name in ("hanko-compat", "hanko-compat-backend")
    )
    policy = RESOURCES["NetworkPolicy/hanko-compat"]["spec"]["ingress"]

    assert [port["targetPort"] for port in public + backend] == ["public", "backend"]
    assert [port["port"] for rule in policy for port in rule["ports"]] == ["public", "backend", "metrics"]
    assert {probe["httpGet"]["port"] for _, _, probe in probes()} <= names


def test_the_ingress_leads_to_the_public_port_alone() -> None:
    (rule,) = RESOURCES["Ingress/hanko-compat"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    service = path["backend"]["service"]

    assert (path["path"], path["pathType"]) == ("/", "Prefix")
    assert (
        RESOURCES[f"Service/{service['name']}"]["spec"]["ports"][0]["name"]
        == service["port"]["name"]
        == "public"
    )


def test_the_configuration_is_accepted() -> None:
    given = {"SECRETS_KEYS": SECRET, "DATABASE_URL": "postgres://hanko:hanko@database/hanko"}
    assert given.keys() <= secrets().keys()
    assert check(secrets() | given).exit_code == 0


def test_it_is_refused_with_the_secrets_of_the_example() -> None:
    done = check(secrets())

    assert done.exit_code == 1
    assert "secrets.keys" in done.output


def check(variables: dict[str, str]) -> Result:
    """Check the configuration as it is for a container."""
    return CliRunner().invoke(main, ["config", "check", "--strict", "--config", str(CONFIG)], env=variables)


class Pod(HankoCompat):
    """A pod: its containers, one after the other, with the ConfigMap, a Secret and free ports."""

    def __init__(self, run: Run, name: str, database_url: str) -> None:
        super().__init__(run, {"database": {"url": database_url}, "secrets": {"keys": [SECRET]}})
        self.template = PODS[name]
        self.ports = {8001: free_port(), 9090: free_port()}
        self.variables = {"SECRETS_KEYS": SECRET, "DATABASE_URL": database_url}

    def install(self) -> None:
        """Write the ConfigMap."""
        self.config.write_text(self.on_this_machine(CONFIG.read_text()))

    def on_this_machine(self, text: str) -> str:
        """Put in the ports that this machine has free."""
        for port, own in ({8000: self.port} | self.ports).items():
            text = re.sub(rf'^(.*[" ]|):{port}\b', rf"\g<1>127.0.0.1:{own}", text, flags=re.MULTILINE)
        return text

    def command(self) -> Sequence[str]:
        """Return the commands of the containers, each once the one before has ended well."""
        commands = [
            f"{sys.executable} -m hanko_compat {' '.join(map(self.on_this_machine, container['args']))}"
            for container in containers(self.template)
        ]
        variables = [
            f"{name}={value}" for name, value in (self.variables | {"HANKO_CONFIG": str(self.config)}).items()
        ]
        *first, last = commands
        return ["env", *variables, "sh", "-c", " && ".join([*first, f"exec {last}"])]

    def is_ready(self) -> bool:
        """Whether every probe is answered, as the kubelet asks."""
        return all(self.answer(probe) == 200 for _, _, probe in self.probes())

    def probes(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Those of this pod."""
        own = [container["name"] for container in containers(self.template)]
        return [each for each in probes() if each[0] in own]

    def answer(self, probe: dict[str, Any]) -> int:
        """The status that a probe gets."""
        (main,) = self.template["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in main["ports"]}
        port = ports[probe["httpGet"]["port"]]
        return ask(({8000: self.port} | self.ports)[port], "GET", probe["httpGet"]["path"]).status


@pytest.fixture(scope="module")
def database_url(test_run: Run) -> str:
    """An empty database."""
    postgres = Postgres(test_run)
    postgres.shared()
    return postgres.create_database("kubernetes")


@pytest.fixture(scope="module")
def server(test_run: Run, database_url: str) -> Iterator[Pod]:
    """A pod of the server, once its probes are answered."""
    pod = Pod(test_run, "hanko-compat", database_url)
    pod.start()
    yield pod
    pod.remove()


@pytest.mark.servers
def test_servers_have_the_probes_of_each_kind(server: Pod) -> None:
    assert [(name, server.answer(probe)) for _, name, probe in server.probes()] == [
        ("startupProbe", 200),
        ("livenessProbe", 200),
        ("readinessProbe", 200),
    ]


@pytest.mark.servers
def test_the_ingress_reaches_neither_the_backend_door_nor_metrics(server: Pod) -> None:
    secret = server.create_secret()
    known = basic(secret.project_id, secret.secret)
    inner = {"/v2/users": server.ports[8001], "/metrics": server.ports[9090]}

    assert [server.request("GET", path, **known).status for path in inner] == [404, 404]
    assert [ask(port, "GET", path, **known).status for path, port in inner.items()] == [200, 200]
    assert server.request("POST", "/users", {"email": "somebody@example.test"}).status == 200


@pytest.mark.servers
def test_servers_count_in_the_database_for_all_pods(server: Pod) -> None:
    """That is so with several processes: with one each pod would allow all of a limit."""

    def has_several() -> bool:
        return len(server.worker_pids()) > 1

    wait_until(has_several, why=lambda: "there is one process")
    assert has_several()


@pytest.mark.servers
def test_workers_deliver_and_are_probed(test_run: Run, database_url: str) -> None:
    pod = Pod(test_run, "hanko-compat-worker", database_url)
    pod.start()
    log = pod.log.read_text()
    pod.remove()

    assert [name for _, name, _ in pod.probes()] == ["livenessProbe"]
    assert '"delivering"' in log
