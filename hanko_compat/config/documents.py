"""Reads a YAML file as Hanko does: only true and false are switches, and no key stands twice."""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from hanko_compat.errors.config import ConfigError, Problem


class ConfigLoader(yaml.SafeLoader):
    """PyYAML's safe loader without the surprises of YAML 1.1, where ``no`` is false and 1:30 is 90."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Refuse a key that stands twice, of which PyYAML would keep the last."""
        node = super().compose_mapping_node(anchor)
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.composer.ComposerError(None, None, "a key stands twice", key.start_mark)
                seen.add(key.value)
        return node


# Deep, so that a mapping or list that holds itself is refused.
def _mapping(loader: ConfigLoader, node: yaml.MappingNode) -> dict[Hashable, object]:
    return loader.construct_mapping(node, deep=True)


def _sequence(loader: ConfigLoader, node: yaml.SequenceNode) -> list[object]:
    return loader.construct_sequence(node, deep=True)


ConfigLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":bool", ":int", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
ConfigLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
ConfigLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"(?:[-+]?(?:0|[1-9][0-9_]*)|0x[0-9a-fA-F]+)\Z"),
    list("-+0123456789"),
)
ConfigLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
ConfigLoader.add_constructor("tag:yaml.org,2002:seq", _sequence)


def parse(text: str) -> Any:
    """Read one YAML document.

    Raises:
        ConfigError: no YAML, or a key stands twice; the message has the line, and nothing of the text.
    """
    try:
        return yaml.load(text, ConfigLoader)  # noqa: S506 - it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        # What PyYAML quotes may be a piece of a password.
        what = re.sub(r"['\"<].*", "...", str(error.problem or "broken"))
        mark = error.problem_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigError([Problem("", f"Broken YAML{where}: {what}.")]) from None
    except (yaml.YAMLError, ValueError, TypeError):
        raise ConfigError(
            [Problem("", "Broken YAML: it holds characters or values that can't be read.")]
        ) from None
    except RecursionError:
        raise ConfigError([Problem("", "Broken YAML: it is nested too deeply.")]) from None


def read(path: Path) -> Mapping[Any, Any]:
    """Read a configuration file; an empty one is an empty mapping.

    Raises:
        ConfigError: it can't be read, is no YAML, or no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError([Problem("", f"Can't read {path}: {error.strerror}.")]) from None
    except UnicodeDecodeError:
        raise ConfigError([Problem("", f"Can't read {path}: it is not in UTF-8.")]) from None
    data = parse(text)
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise ConfigError([Problem("", f"{path} must hold a mapping of keys at line 1.")])
    return data
