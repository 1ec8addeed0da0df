"""``secrets.keys`` is taken to the letter: what is at the ends of a secret has encrypted the keys, too."""

from typing import Any

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.config.documents import parse

LONG = "a-secret-of-many-characters"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"keys:\n  - |\n    {LONG}\n", (f"{LONG}\n",)),
        (f"keys:\n  - |-\n    {LONG}\n", (LONG,)),
        (f"keys: [' {LONG} ']", (f" {LONG} ",)),
        (f"keys: '{LONG}, {LONG}'", (LONG, LONG)),
    ],
)
def test_in_a_file(text: str, keys: tuple[str, ...]) -> None:
    config = from_mapping({"secrets": parse(text)})
    assert config.secrets.keys == keys
    odd = [index for index, key in enumerate(keys) if key != LONG]
    assert [warning.path for warning in config.warnings] == [f"secrets.keys[{index}]" for index in odd]
    assert not any(LONG in str(warning) for warning in config.warnings)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"{LONG}\n", (f"{LONG}\n",)),
        (f"{LONG}, {LONG}", (LONG, LONG)),
        (f"{LONG},", (LONG,)),
    ],
)
def test_in_the_environment(text: str, keys: tuple[str, ...]) -> None:
    environ: dict[str, Any] = {"SECRETS_KEYS": text}
    assert from_mapping({}, environ=environ).secrets.keys == keys
