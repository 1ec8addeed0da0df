import pytest

from hanko_compat.public.glossary import GLOSSARY
from hanko_compat.public.openapi import document
from tests.public.specification import describe


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return describe(document, tmp_path_factory.mktemp("glossary"))


def test_every_member_is_explained(served):
    assert served.unexplained_members() == []


def test_every_entry_is_shown_somewhere(served):
    assert set(GLOSSARY.items()) <= served.explanations()
