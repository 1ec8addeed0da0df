"""Whose address counts."""

import logging
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.web.client_address import (
    PROXY_FIX,
    AddressSource,
    clean_languages,
    clean_user_agent,
    describe_source,
    parse_hop,
)

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]


def find(source: AddressSource, peer: str | None, forwarded_for: str | None = None) -> str:
    environ = {} if peer is None else {"REMOTE_ADDR": peer}
    if forwarded_for is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded_for
    return source.find(environ)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1,10.0.0.2 , 10.0.0.3", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1, garbage", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, garbage, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "198.51.100.1,", "10.0.0.1"),
        ("10.0.0.1", "garbage, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:51234", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:51234", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8:0:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("2001:db8:ffff::5", "198.51.100.1", "198.51.100.1"),
        ("::ffff:203.0.113.9", None, "203.0.113.9"),
        ("fe80::1%eth0", None, "fe80::1"),
    ],
)
def test_the_right_most_hop_that_is_no_trusted_proxy(peer, forwarded_for, address):
    assert find(AddressSource(PROXIES), peer, forwarded_for) == address


@pytest.mark.parametrize("peer", [None, ""])
def test_a_unix_socket_is_this_host(peer):
    assert find(AddressSource([]), peer, "198.51.100.1") == "127.0.0.1"
    assert find(AddressSource([ip_network("127.0.0.1/32")]), peer, "198.51.100.1") == "198.51.100.1"


def test_nobody_is_trusted_by_default(config):
    source = AddressSource(config.hanko_compat.trusted_proxies)
    addresses = {find(source, "127.0.0.1", f"198.51.100.{number}") for number in range(50)}
    assert addresses == {"127.0.0.1"}


@pytest.mark.parametrize(
    "header", ["HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP"]
)
def test_other_headers_say_nothing_even_from_a_trusted_proxy(header):
    environ = {"REMOTE_ADDR": "10.0.0.1", header: "198.51.100.1", "HTTP_X_FORWARDED_FOR": "198.51.100.2"}
    assert AddressSource(PROXIES).find(environ) == "198.51.100.2"


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED"])
def test_a_forwarding_header_of_an_untrusted_peer_is_told_once_a_minute(header, caplog):
    source = AddressSource(PROXIES)
    for _ in range(3):
        source.find({"REMOTE_ADDR": "203.0.113.9", header: "198.51.100.1"})
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.WARNING, "forwarding_headers_ignored")
    assert vars(record)["peer"] == "203.0.113.9"
    assert vars(record)["setting"] == "hanko_compat.trusted_proxies"


def test_no_warning_without_the_headers_or_from_a_trusted_proxy(caplog):
    source = AddressSource(PROXIES)
    find(source, "203.0.113.9")
    find(source, "10.0.0.1", "198.51.100.1")
    assert caplog.records == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "unknown", "_hidden", "1.2.3", "9" * 100, "1.2.3.4, 5.6.7.8", "1.2.3.4\r\nX: y"),
        *("1.2.3.4:", "1.2.3.4:port", "1.2.3.4:1:2", "1.2.3.4:\u0661", "[1.2.3.4"),
        *("[::1", "[::1]x", "[::1]:x", "::1]", "fe80::1%eth0"),
    ],
)
def test_a_hop_that_is_no_address(text):
    assert parse_hop(text) is None


@given(st.text() | st.ip_addresses().map(str))
def test_every_result_is_an_address_or_nothing(text):
    hop = parse_hop(text)
    assert hop is None or parse_hop(str(hop)) == hop


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("curl/8.0", "curl/8.0"),
        ("", ""),
        ("x" * 300, "x" * 255),
        ("Br\u00fccke".encode().decode("latin-1"), "Br\u00fccke"),
        ("\xff\xfe", "\ufffd\ufffd"),
        ("\u20ac", "?"),
    ],
)
def test_user_agents_are_cleaned(raw, cleaned):
    assert clean_user_agent(raw) == cleaned


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [(None, None), ("", ""), ("de-AT", "de-AT"), ("x" * 512, "x" * 512), ("x" * 513, None)],
)
def test_languages_of_no_browser_are_not_read(raw, cleaned):
    assert clean_languages(raw) == cleaned


def test_the_source_in_force_can_be_told(make_config):
    assert "ignored" in describe_source(make_config())
    told = describe_source(make_config({"hanko_compat.trusted_proxies": ["10.0.0.0/8", "::1/128"]}))
    assert told == "X-Forwarded-For, from proxies in 10.0.0.0/8, ::1/128"


def test_what_proxy_fix_has_read_is_no_header_of_the_caller(caplog):
    environ = {"REMOTE_ADDR": "198.51.100.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1", PROXY_FIX: {}}
    assert AddressSource(PROXIES).find(environ) == "198.51.100.1"
    assert caplog.records == []
