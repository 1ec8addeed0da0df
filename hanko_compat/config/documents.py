"""Reads a YAML file as Hanko does: only true and false are switches, and no key stands twice."""

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from hanko_compat.config.scalars import MOMENT, NUMBER, WHOLE, read_moment, read_number, within_64_bits
from hanko_compat.errors.config import ConfigError, Problem


class ConfigLoader(yaml.SafeLoader):
    """PyYAML's safe loader without the surprises of YAML 1.1, where ``no`` is false and 1:30 is 90."""

    def scan_to_next_token(self) -> None:
        """Skip blanks and comments, and tabs where Hanko's reader takes them for blanks, too.

        That is behind something else in a line, but not behind a dash, and not where a line is indented.
        """
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def get_single_node(self) -> yaml.Node | None:
        """The one document. Empty ones may follow it, as where a tool ends each document with ``---``."""
        events: Any = self  # these methods have no types
        events.get_event()
        document = None if self.check_event(yaml.StreamEndEvent) else self.compose_document()
        while not self.check_event(yaml.StreamEndEvent):
            mark = events.peek_event().start_mark
            other = self.compose_document()
            # Unlike Hanko 2.7.0: it ignores what the others say.
            if not isinstance(other, yaml.ScalarNode) or other.value not in {"", "~", "null"}:
                raise yaml.composer.ComposerError(None, None, "but found another document", mark)
        return document

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """An anchor may be set again, and counts from there on (YAML 1.2 s. 7.1)."""
        events: Any = self
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(events.peek_event().anchor, None)
        return super().compose_node(parent, index)

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


def _moment(loader: ConfigLoader, node: yaml.ScalarNode) -> str:
    return read_moment(loader.construct_scalar(node))


def _number(loader: ConfigLoader, node: yaml.ScalarNode) -> str:
    return read_number(loader.construct_scalar(node))


def _whole(loader: ConfigLoader, node: yaml.ScalarNode) -> int | str:
    return within_64_bits(loader.construct_yaml_int(node), written=node.value)


FLOAT = "tag:yaml.org,2002:float"
UNUSUAL_NUMBER = "!number"
REPLACED = (":bool", ":float", ":int", ":timestamp")
ConfigLoader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(REPLACED)]
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
ConfigLoader.add_implicit_resolver(
    FLOAT,
    re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"),
    list("-+.0123456789"),
)
ConfigLoader.add_implicit_resolver("tag:yaml.org,2002:timestamp", MOMENT, list("0123456789"))
ConfigLoader.add_implicit_resolver(
    UNUSUAL_NUMBER, re.compile(f"{WHOLE.pattern}|{NUMBER.pattern}"), list("-+.0123456789")
)
ConfigLoader.add_constructor("tag:yaml.org,2002:int", _whole)
ConfigLoader.add_constructor("tag:yaml.org,2002:timestamp", _moment)
ConfigLoader.add_constructor(UNUSUAL_NUMBER, _number)
ConfigLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
ConfigLoader.add_constructor("tag:yaml.org,2002:seq", _sequence)


def parse(text: str, *, source: str = "") -> Any:
    """Read one YAML document. *source* is the name of its file, with which each problem begins.

    Raises:
        ConfigError: no YAML, or a key stands twice; the message has the line, and nothing of the text.
    """
    try:
        return yaml.load(text, ConfigLoader)  # noqa: S506 - it is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = _place(source, mark.line + 1, mark.column + 1) if mark else source
        raise _broken(place, _reason(error, text)) from None
    except yaml.reader.ReaderError as error:
        place = _place(source, text.count("\n", 0, error.position) + 1)
        raise _broken(place, "a character that can't be read") from None
    except (yaml.YAMLError, ValueError, TypeError):
        raise _broken(source, "it holds values that can't be read") from None
    except RecursionError:
        raise _broken(source, "it is nested too deeply") from None


def _place(source: str, line: int, column: int | None = None) -> str:
    return f"{source}, line {line}" + (f", column {column}" if column else "")


def _broken(place: str, what: str) -> ConfigError:
    return ConfigError([Problem(place, f"Broken YAML: {what}.")])


def _reason(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    if mark and text[mark.index : mark.index + 1] == "\t":
        before = text[text.rfind("\n", 0, mark.index) + 1 : mark.index]
        return "a tab; use blanks" if before.strip() else "a tab; indent with blanks"
    # What PyYAML quotes may be a piece of a password.
    return re.sub(r"['\"<].*", "...", str(error.problem or "broken"))


def read(path: Path) -> Mapping[Any, Any]:
    """Read a configuration file; an empty one is an empty mapping.

    Raises:
        ConfigError: it can't be read, is no YAML, or no mapping.
    """
    source = str(path)
    try:
        content = path.read_bytes()
        text = content.decode()
    except OSError as error:
        raise ConfigError([Problem(source, f"Can't be read: {error.strerror}.")]) from None
    except UnicodeDecodeError as error:
        place = _place(source, content.count(b"\n", 0, error.start) + 1)
        raise ConfigError([Problem(place, "Not in UTF-8.")]) from None
    data = parse(text, source=source)
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        node = yaml.compose(text, ConfigLoader)
        place = _place(source, node.start_mark.line + 1) if node else source
        raise ConfigError([Problem(place, "Must be a mapping of keys.")])
    return data
