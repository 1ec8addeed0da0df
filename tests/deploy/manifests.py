"""The manifests of deploy/kubernetes, with what kustomize would generate from the files beside them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
CONFIG = FOLDER / "config.yaml"


def resources() -> dict[str, dict[str, Any]]:
    """All resources that the kustomization lists, by kind and name."""
    documents = [
        document
        for file in KUSTOMIZATION["resources"]
        for document in yaml.safe_load_all((FOLDER / file).read_text())
    ]
    return {f"{document['kind']}/{document['metadata']['name']}": document for document in documents}


def secrets() -> dict[str, str]:
    """What the example of the secrets names."""
    lines = (FOLDER / "secrets.example.env").read_text().splitlines()
    given = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in given}


def pods() -> dict[str, dict[str, Any]]:
    """The template of each Deployment's pods, by the name of the Deployment."""
    deployments = [each for each in resources().values() if each["kind"] == "Deployment"]
    return {each["metadata"]["name"]: each["spec"]["template"] for each in deployments}


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers of a pod in the order in which they start."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]


def probes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each probe, after the name of its container and its own."""
    for pod in pods().values():
        for container in containers(pod):
            for name in ("startupProbe", "livenessProbe", "readinessProbe"):
                if name in container:
                    yield container["name"], name, container[name]
