import pytest
from marshmallow import ValidationError

from hanko_compat.public.schemas import EmailRequest


def test_an_address_reaches_the_service_as_it_was_sent():
    assert EmailRequest().load({"email": "Alice@Example.test"}) == {"email": "Alice@Example.test"}


@pytest.mark.parametrize("value", [None, "", "alice", 5, [], {}])
def test_what_is_no_address_is_a_mistake_in_its_field(value):
    with pytest.raises(ValidationError) as caught:
        EmailRequest().load({"email": value})
    assert list(caught.value.messages) == ["email"]


def test_an_empty_address_is_missing_before_it_is_malformed():
    with pytest.raises(ValidationError) as caught:
        EmailRequest().load({"email": ""})
    assert caught.value.messages["email"][0] == "email is a required field"
