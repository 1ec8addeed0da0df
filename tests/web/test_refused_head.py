import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestHeaderFieldsTooLarge

from hanko_compat.web import refused_head
from hanko_compat.web.refused_head import HEADERS, LONGEST, RefusedHead, read

ORIGIN = ("ORIGIN", "https://a.test")


@pytest.mark.parametrize(
    ("received", "head"),
    [
        (b"", RefusedHead("GET", "/", ())),
        (b"\r\nPOST /users?x=1 HTTP/1.1\r\n\r\n", RefusedHead("POST", "/users", ())),
        (
            b"GET /v2/users HTTP/9.9\r\nOrigin: https://a.test\r\n\r\n",
            RefusedHead("GET", "/v2/users", (ORIGIN,)),
        ),
        (b"GET /me\nORIGIN:https://a.test  \n", RefusedHead("GET", "/me", (ORIGIN,))),
        (b"get /me HTTP/1.1\r\n", RefusedHead("GET", "/me", ())),
        (b"HEAD http://x/me HTTP/1.1\r\n", RefusedHead("HEAD", "http://x/me", ())),
        (b"GET \xff HTTP/1.1\r\n", RefusedHead("GET", "/", ())),
        (b"\x16\x03\x01\x02\x00\x01\x00", RefusedHead("GET", "/", ())),
        (b"GET / HTTP/1.1\r\nOrigin: a\x00b\r\n", RefusedHead("GET", "/", ())),
        (b"GET / HTTP/1.1\r\nCookie: hanko=secret\r\nAuthorization: x\r\n", RefusedHead("GET", "/", ())),
        (b"GET / HTTP/1.1\r\nOrigin: " + b"a" * 2000 + b"\r\n", RefusedHead("GET", "/", ())),
        (b"POST / HTTP/1.1\r\n\r\nOrigin: https://a.test\r\n", RefusedHead("POST", "/", ())),
        (b"GET /" + b"a" * 9000, RefusedHead("GET", "/" + "a" * (LONGEST - 1), ())),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_can_be_made_out_is_used(received, head):
    assert read(received) == head


@given(
    st.binary(max_size=200) | st.binary(max_size=100).map(lambda end: b"GET /me HTTP/1.1\r\nOrigin: " + end)
)
def test_whatever_comes_is_read_into_harmless_text(received):
    head = read(received)
    assert head.target.isascii()
    assert head.target.isprintable()
    for name, value in head.headers:
        assert name in HEADERS
        assert value.isascii()
        assert value.isprintable()


def test_the_status_is_the_answer():
    refused_head.check({})
    with pytest.raises(RequestHeaderFieldsTooLarge):
        refused_head.check({refused_head.STATUS: 431})
