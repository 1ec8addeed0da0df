import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat import rfc3339
from hanko_compat.services.convert.moments import read_moment


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.678+02:00", "2024-01-02T01:04:05.678Z"),
        ("2024-01-02 03:04:05.678901+00", "2024-01-02T03:04:05.678901Z"),
        ("2024-01-02 03:04:05-05", "2024-01-02T08:04:05Z"),
        ("2024-01-02 03:04:05", "2024-01-02T03:04:05Z"),
        ("2022-02-24T15:33:17.845589803Z", "2022-02-24T15:33:17.845589Z"),
        ("2024-01-02", "2024-01-02T00:00:00Z"),
        (" 2024-01-02 ", "2024-01-02T00:00:00Z"),
        (1704067200, "2024-01-01T00:00:00Z"),
        (1704067200.5, "2024-01-01T00:00:00.5Z"),
        (1704067200123, "2024-01-01T00:00:00.123Z"),
        ("1704067200123", "2024-01-01T00:00:00.123Z"),
        ("1704067200", "2024-01-01T00:00:00Z"),
        ({"$date": "2019-12-06T18:36:12.412Z"}, "2019-12-06T18:36:12.412Z"),
        ({"$date": {"$numberLong": "1704067200123"}}, "2024-01-01T00:00:00.123Z"),
        ({"$date": 1704067200123}, "2024-01-01T00:00:00.123Z"),
        (-1000000000, "1938-04-24T22:13:20Z"),
    ],
)
def test_times_as_systems_write_them(value, read):
    moment = read_moment(value)
    assert moment is not None
    assert rfc3339.written(moment) == read


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            True,
            "",
            "yesterday",
            "2024",
            "2024-13-01",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
        ),
        *(
            10**30,
            "9" * 17,
            float("inf"),
            float("nan"),
            [],
            {},
            {"$date": []},
            {"$date": {"$date": 1}},
            "\u0662\u0660\u0662\u0664-01-02",
        ),
    ],
)
def test_what_is_no_time(value):
    assert read_moment(value) is None


@settings(max_examples=50, deadline=None)
@given(
    st.text(max_size=30)
    | st.floats()
    | st.integers()
    | st.from_regex(r"-?\d{4,18}(\.\d+)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([+-]\d\d)?")
)
def test_any_value_is_a_time_or_none(value):
    moment = read_moment(value)
    assert moment is None or rfc3339.written(moment).endswith("Z")
