"""Written forms of UUIDs."""

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.uuid_text import is_canonical, read_uuid

ID = "7d0f5b1a-5b2c-1a77-9d4e-0a1b2c3d4e5f"
HEX = ID.replace("-", "")
FORMS = [ID, HEX, f"{{{ID}}}", f"{{{HEX}}}", f"urn:uuid:{ID}", f"urn:uuid:{HEX}"]


@given(st.uuids(version=None), st.sampled_from(["%s", "{%s}", "urn:uuid:%s"]), st.booleans(), st.booleans())
def test_each_form_is_read(value, form, has_dashes, is_upper):
    text = str(value) if has_dashes else value.hex
    assert read_uuid(form % (text.upper() if is_upper else text)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nonsense", ID[:-1], ID + "0", f" {ID}", f"{ID}\n", HEX[:-1], HEX + "0"),
        *(f"{{{ID}", f"{ID}}}", f"{{{{{ID}}}}}", f"[{ID}]", f'"{ID}"', f"({ID})"),
        *(f"URN:UUID:{ID}", f"urn:{ID}", f"uuid:{ID}", f"urn:uuid:{{{ID}}}", f"{{urn:uuid:{ID}}}"),
        *(f"{HEX[:4]}-{HEX[4:]}", "-".join(HEX), f"0x{HEX}", ID.replace("-", "_"), ID.replace("0", "\uff10")),
    ],
)
def test_what_is_none_of_the_forms(text):
    with pytest.raises(ValueError, match="no UUID"):
        read_uuid(text)


def test_one_form_is_canonical():
    assert [is_canonical(text) for text in FORMS] == [True, *[False] * 5]
    assert not is_canonical(ID.upper())
    assert not is_canonical(f"{ID}\n")


@given(st.text() | st.text("0123456789abcdefABCDEF-{}urn:id", max_size=50))
def test_what_is_canonical_is_read_as_itself(text):
    with suppress(ValueError):
        assert read_uuid(text).hex in text.lower().replace("-", "")
    if is_canonical(text):
        assert str(UUID(text)) == text
