"""docs/configuration.md names every key of ours, every alias, every key without effect and every variable."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from hanko_compat.config import Config, from_mapping
from hanko_compat.config.documents import parse
from hanko_compat.config.effect import WITHOUT_EFFECT, is_documented
from hanko_compat.config.extensions import Extensions
from hanko_compat.config.fields import Kind
from hanko_compat.config.legacy import ALIASES
from hanko_compat.config.settings import Leaf, leaves
from hanko_compat.jose.claim_templates import ClaimTemplates, problems
from hanko_compat.jose.session_token import TokenSubject

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def table(heading: str) -> list[list[str]]:
    """The rows of the table below *heading*, without the backquotes."""
    rows = re.findall(r"(?m)^\|(.*)\|$", PAGE.split(f"## {heading}\n")[1].split("\n## ")[0])
    return [[cell.strip().replace("`", "") for cell in row.split("|")] for row in rows[2:]]


def as_text(leaf: Leaf) -> str:
    kind: Kind[object] = leaf.kind
    value = kind.write(leaf.default)
    return {"False": "false", "True": "true", "": '""'}.get(str(value), str(value))


def test_the_example_of_claim_templates():
    (example,) = re.findall(r"(?s)```yaml\n(session:.*?)```", PAGE)
    config = from_mapping(parse(example), dev=True)
    subject = TokenSubject(UUID(int=1), public_metadata={"teams": [{"id": 7, "lead": True}, {"id": 8}]})
    claims = config.session.jwt_template.claims
    assert problems(claims) == {}
    assert ClaimTemplates(claims).render(subject) == {
        "role": "user",
        "since": "2026-01-02T00:00:00Z",
        "plan": "",
        "teams": [7],
    }


def test_own_keys():
    assert [row[:2] for row in table("Our own keys")] == [
        [".".join(leaf.path), as_text(leaf)] for leaf in leaves(Extensions)
    ]


def test_environment_variables():
    keys = [(".".join(leaf.path), leaf.environment) for leaf in leaves(Config)]
    assert [tuple(row) for row in table("Environment variables")] == [
        pair for pair in keys if is_documented(pair[0])
    ]


@pytest.mark.parametrize("key", [key for key in ALIASES if not key.startswith("smtp.")])
def test_deprecated_keys(key):
    (row,) = [row for row in table("Deprecated keys") if re.split("[ :,]", row[0])[0] == key]
    assert all(new in row[1] for new in ALIASES[key])


def test_keys_without_effect():
    listed = PAGE.split("## Keys without effect\n")[1].split("\n## ")[0]
    assert re.findall(r"`([a-z_.*]+\.[a-z_.*]+|debug)`", listed) == list(WITHOUT_EFFECT)
