from uuid import UUID

import pytest
from werkzeug.exceptions import BadRequest

from hanko_compat.public.path_ids import id_in

ID = UUID("7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f")


@pytest.mark.parametrize("form", ["{}", "%7B{}%7D", "urn:uuid:{}"])
@pytest.mark.parametrize("written", [str(ID), str(ID).upper(), ID.hex])
def test_a_uuid_counts_in_any_written_form(form, written):
    assert id_in(form.format(written)) == ID


@pytest.mark.parametrize("segment", ["", "validate", f"{ID}x", f"{ID}%00", f"{{{ID}", f"URN:UUID:{ID}"])
def test_anything_else_is_a_bad_request(segment):
    with pytest.raises(BadRequest):
        id_in(segment)
