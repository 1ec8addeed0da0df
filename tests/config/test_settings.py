"""How sections are declared: one dataclass gives the keys, the variables, the defaults and the schema."""

from dataclasses import FrozenInstanceError, dataclass, field

import pytest
from marshmallow import ValidationError

from hanko_compat.config import Config
from hanko_compat.config.fields import ListOf, MapOf, Switch, Text, Whole
from hanko_compat.config.secret_kinds import Hidden
from hanko_compat.config.settings import Entry, keys_of, leaves, schema_of, section, setting


@dataclass(frozen=True)
class Engine:
    """The inner section."""

    fuel: str = setting(Text(), "petrol", env="FUELTYPE")
    key: str = setting(Hidden(), "")


@dataclass(frozen=True)
class Car:
    """The outer section."""

    doors: int = setting(Whole(), 5)
    engine: Engine = section(Engine, env="MOTOR")
    extras: dict[str, Engine] = setting(MapOf(Entry(Engine)), {})
    spares: tuple[Engine, ...] = setting(ListOf(Entry(Engine)), ())
    computed: str = field(default="no key")


def test_keys_are_the_declared_attributes():
    assert list(keys_of(Car)) == ["doors", "engine", "extras", "spares"]


def test_leaves_have_path_variable_default_and_secrecy():
    assert [
        (leaf.path, leaf.environment, leaf.default, leaf.kind.may_hold_secret) for leaf in leaves(Car)
    ] == [
        (("doors",), "DOORS", 5, False),
        (("engine", "fuel"), "MOTOR_FUELTYPE", "petrol", False),
        (("engine", "key"), "MOTOR_KEY", "", True),
        (("extras",), "EXTRAS", {}, False),
        (("spares",), "SPARES", (), False),
    ]


def test_schema_makes_the_dataclasses():
    data = {"engine": {"key": "k"}, "extras": {"a": {"fuel": "diesel"}}, "spares": [{}]}
    wanted = Car(engine=Engine(key="k"), extras={"a": Engine(fuel="diesel")}, spares=(Engine(),))
    assert schema_of(Car)().load(data) == wanted


def test_schema_tells_every_fault():
    data = {"wings": 2, "engine": {"fuel": 5}, "extras": {"a": {"b": 1}}, "spares": [{}, 7]}
    with pytest.raises(ValidationError) as caught:
        schema_of(Car)().load(data)
    assert caught.value.messages == {
        "wings": ["Unknown field."],
        "engine": {"fuel": ["Must be text: put it in quotes."]},
        "extras": {"a": {"b": ["Unknown field."]}},
        "spares": {1: ["Must be a mapping of keys."]},
    }


def test_defaults_are_not_shared():
    assert Car().extras is not Car().extras


def test_configuration_is_frozen():
    with pytest.raises(FrozenInstanceError):
        Config().debug = True


@pytest.mark.parametrize("leaf", [leaf for leaf in leaves(Config) if isinstance(leaf.kind, Switch)])
def test_default_of_a_switch_is_a_switch(leaf):
    assert isinstance(leaf.default, bool)


DEFAULTS_ARE_VALID = [leaf for leaf in leaves(Config) if leaf.default is not None]


@pytest.mark.parametrize("leaf", DEFAULTS_ARE_VALID, ids=lambda leaf: ".".join(leaf.path))
def test_every_default_is_a_value_that_the_key_accepts(leaf):
    assert leaf.kind.deserialize(leaf.kind.write(leaf.default)) == leaf.default
