import pytest

from hanko_compat.services.user_files.columns import object_text


def test_an_object_is_written_without_blanks_and_escapes():
    assert object_text({"a": [1, "\u00e4"], "b": None}) == '{"a":[1,"\u00e4"],"b":null}'


def test_what_is_no_json_is_refused():
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    for value in (float("nan"), float("inf"), deep):
        with pytest.raises(ValueError, match=r"Out of range|in one another"):
            object_text({"a": value})
