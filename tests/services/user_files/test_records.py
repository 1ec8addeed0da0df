import io

import pytest

from hanko_compat.services.user_files.records import Record, buffered, encoding_of, is_json, record_of


@pytest.mark.parametrize(
    ("content", "is_it"),
    [
        (b"[1]", True),
        (b" \r\n\t{", True),
        (b"\xef\xbb\xbf[1]", True),
        ("[1]".encode("utf-16"), True),
        (b"email,name\n", False),
        ('"email","[x]"\n'.encode("utf-16"), False),
        (b"", False),
    ],
)
def test_json_is_told_from_tables(content, is_it):
    stream = buffered(io.BytesIO(content))
    assert is_json(stream) is is_it
    assert stream.read() == content  # nothing of it is taken


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("x".encode("utf-16-le"), "utf-8-sig"),
        ("x".encode("utf-16"), "utf-16"),
        (b"\xfe\xff\x00x", "utf-16"),
        (b"", "utf-8-sig"),
    ],
)
def test_encodings(content, encoding):
    assert encoding_of(content) == encoding


def test_what_is_buffered_stays_so():
    stream = io.BufferedReader(io.BytesIO(b"x"))
    assert buffered(stream) is stream


def test_only_objects_are_records():
    assert record_of(3, {"a": 1}) == Record(3, {"a": 1})
    assert record_of(3, [1]).fault
