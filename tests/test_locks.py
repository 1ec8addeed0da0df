"""Two locks: servers get what serving takes and nothing else, in the versions that are tested."""

import re
from configparser import ConfigParser

from tests.markdown import ROOT

PIN = re.compile(r"^([a-z0-9-]+==[0-9a-z.]+)[^\n]*\n((?:    --hash=[^\n]+\n)+)", re.MULTILINE)
REQUIREMENT = re.compile(r"[A-Za-z0-9-]+")


def pins(name: str) -> dict[str, frozenset[str]]:
    """What a lock pins, with the hashes of its files."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {pin: frozenset(re.findall(r"sha256:[0-9a-f]+", hashes)) for pin, hashes in PIN.findall(text)}


def names(pinned: dict[str, frozenset[str]]) -> set[str]:
    return {pin.partition("==")[0] for pin in pinned}


def extras() -> dict[str, set[str]]:
    """What each extra of the project names itself; "" for what it always needs."""
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    lists = {"": parser["options"]["install_requires"], **parser["options.extras_require"]}
    return {
        extra: {match[0].lower() for line in text.split("\n") if (match := REQUIREMENT.match(line))}
        for extra, text in lists.items()
    }


def test_servers_get_all_that_serving_takes() -> None:
    served = names(pins("requirements.lock"))
    for extra, required in extras().items():
        assert extra == "dev" or required <= served, extra


def test_servers_get_none_of_the_tools() -> None:
    assert extras()["dev"]
    assert not extras()["dev"] & names(pins("requirements.lock"))


def test_what_is_served_is_what_is_tested() -> None:
    served, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert len(served) > 40
    assert served.items() <= tested.items()
    assert extras()["dev"] <= names(tested)
