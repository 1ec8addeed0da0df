"""The recorded scenarios and the configurations they were recorded with."""

import json
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from tests.settings import merged

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Trace:
    """One scenario of one variant: an ordered list of exchanges."""

    variant: str
    scenario: str
    steps: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        """``variant/scenario``, as the file is called."""
        return f"{self.variant}/{self.scenario}"


def read(path: Path) -> Trace:
    """The scenario in the file *path*."""
    content = json.loads(path.read_text())
    return Trace(content["variant"], content["scenario"], tuple(content["steps"]))


def read_all() -> list[Trace]:
    """Every recorded scenario."""
    return [read(path) for path in sorted((DATA / "traces").glob("*/*.json"))]


def read_one(name: str) -> Trace:
    """The scenario ``variant/scenario``."""
    return read(DATA / "traces" / f"{name}.json")


def variant_settings(variant: str, places: dict[str, str]) -> dict[str, Any]:
    """What *variant* changes in the configuration; *places* fills in URLs and ports such as OIDC_URL."""
    text = (DATA / "variants" / f"{variant}.yaml").read_text()
    settings = yaml.safe_load(Template(text).substitute(places)) or {}
    settings.pop("x-after", None)
    extended = settings.pop("x-extends", None)
    return merged(variant_settings(extended, places), settings) if extended else settings
