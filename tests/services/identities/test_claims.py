"""What is stored of a provider's claims can be stored, and is what it was."""

import json

from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.third_party import ProviderUserInvalid
from hanko_compat.provider_user import ProviderUser
from hanko_compat.services.identities.claims import LARGEST, stored_claims
from tests.services.identities.visitors import NAMED, alice

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(
    subject=ANY_TEXT, name=ANY_TEXT, picture=ANY_TEXT, claims=st.dictionaries(ANY_TEXT, VALUES, max_size=4)
)
def test_any_text_is_stored_as_it_is_or_refused(subject, name, picture, claims):
    user = ProviderUser(provider_id="custom_stub", subject=subject, name=name, picture=picture, claims=claims)
    try:
        stored = stored_claims(user)
    except ProviderUserInvalid:
        return
    assert json.loads(stored.data) == claims
    for text in (stored.data, subject, *stored.profile.values()):
        assert "\0" not in text
        assert len(text.encode()) <= LARGEST
    assert stored.profile.get("name", "") == name


def test_only_what_is_known_of_somebody_is_written_to_the_user():
    assert stored_claims(alice()).profile == {}
    assert stored_claims(alice(**NAMED)).profile == NAMED
    assert stored_claims(alice(name="Alice", family_name="")).profile == {"name": "Alice"}
