import pytest

from hanko_compat.app import create_app
from hanko_compat.backend.glossary import GLOSSARY
from hanko_compat.backend.openapi import document
from hanko_compat.config import from_mapping
from tests.settings import settings_on


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    unused = tmp_path_factory.mktemp("glossary") / "unused.sqlite3"
    config = from_mapping(settings_on(f"sqlite:///{unused}"), environ={})
    return document(create_app(config), config)["components"]["schemas"]


def test_every_member_is_explained(schemas):
    for name, schema in schemas.items():
        for member, described in schema["properties"].items():
            assert described.get("description") or {"$ref", "anyOf"} & described.keys(), f"{name}.{member}"


def test_every_entry_is_shown_somewhere(schemas):
    shown = {
        (place, described.get("description"))
        for name, schema in schemas.items()
        for member, described in schema["properties"].items()
        for place in (member, f"{name}.{member}")
    }
    assert set(GLOSSARY.items()) <= shown
