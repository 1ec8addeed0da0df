"""How a section of the configuration is declared: one frozen dataclass, from which its schema is made.

``setting()`` gives an attribute its kind, default and environment variable; ``section()`` nests
another dataclass. The name of the attribute is the key in the YAML file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, post_load
from marshmallow.fields import Nested

from hanko_compat.config.fields import Kind


def setting(kind: Kind[Any], default: object, *, env: str | None = None) -> Any:
    """Declare a key.

    *env* is its part of the environment variable's name where that is not the key in capitals. Whether the
    value may be shown is said by its kind, see ``secret_kinds``.
    """
    facts = {"kind": kind, "env": env}
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=facts)
    return field(default=default, metadata=facts)


def section(cls: type, *, env: str | None = None) -> Any:
    """Declare a nested section; *env* as in ``setting``."""
    return field(default_factory=cls, metadata={"section": cls, "env": env})


@dataclass(frozen=True)
class Leaf:
    """A key of the file: where it stands, what it takes and what overrides it."""

    path: tuple[str, ...]
    environment: str
    kind: Kind[Any]
    default: object


def keys_of(cls: type) -> dict[str, Field[Any]]:
    """The keys of a section by name; attributes that come from no key are left out."""
    return {each.name: each for each in fields(cls) if each.metadata}


@cache
def leaves(cls: type) -> tuple[Leaf, ...]:
    """Every key below a section, depth first. What lists and maps of sections hold is one key."""
    return tuple(_leaves(cls, (), ""))


def _leaves(cls: type, path: tuple[str, ...], variable: str) -> Iterator[Leaf]:
    for name, key in keys_of(cls).items():
        facts = key.metadata
        environment = variable + (facts["env"] or name.upper())
        if "section" in facts:
            yield from _leaves(facts["section"], (*path, name), environment + "_")
        else:
            default = key.default_factory() if key.default_factory is not MISSING else key.default
            yield Leaf((*path, name), environment, facts["kind"], default)


class SectionSchema(Schema):
    """A schema that makes the section's dataclass; every unknown key is an error."""

    section: ClassVar[type]

    class Meta:
        """marshmallow's options."""

        unknown = RAISE

    @post_load
    def build(self, data: dict[str, object], **_: object) -> object:
        """Make the dataclass; keys that were not given have its defaults."""
        return self.section(**data)


@cache
def schema_of(cls: type) -> type[SectionSchema]:
    """The marshmallow schema of a section, made from its declaration."""
    members: dict[str, object] = {"section": cls}
    for name, key in keys_of(cls).items():
        inner = key.metadata.get("section")
        members[name] = Nested(schema_of(inner)) if inner else key.metadata["kind"]
    return type(f"{cls.__name__}Schema", (SectionSchema,), members)


@cache
def loader_of(cls: type) -> SectionSchema:
    """An instance of the schema. It keeps nothing of what it loads."""
    return schema_of(cls)()


class Entry(Kind[Any]):
    """One section inside a list or a map of them."""

    def __init__(self, cls: type) -> None:
        super().__init__()
        self.section = cls

    def _read(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("Must be a mapping of keys.")
        return loader_of(self.section).load(value)
