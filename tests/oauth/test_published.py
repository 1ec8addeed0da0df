"""Keys of providers: rotated, replaced, and out of reach."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.errors.third_party import ProviderUserUnavailable
from hanko_compat.oauth.shared_document import LIFETIME, PAUSE
from tests.oauth.conftest import TOKEN, log_in, metadata
from tests.oauth.peer import Reply


def refusal(client, provider):
    with pytest.raises(ProviderUserUnavailable) as raised:
        log_in(client, provider)
    return raised.value.reason


def test_keys_are_read_once(client, discovered, peer):
    for _ in range(3):
        log_in(client, discovered)
    assert peer.paths.count("/jwks") == 1
    assert peer.paths.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize("kid", ["k1", "k0"], ids=["under a new name", "under the old name"])
def test_a_new_key_is_found(client, discovered, peer, signer, clock, kid):
    log_in(client, discovered)
    clock.advance(seconds=PAUSE.total_seconds())
    signer.rotate(kid, number=1)
    assert log_in(client, discovered).subject == "alice-1"
    assert peer.paths.count("/jwks") == 2


def test_a_key_that_was_withdrawn_is_not_used(client, discovered, peer, signer, clock):
    log_in(client, discovered)
    old = signer.id_token(iss=peer.url)
    signer.rotate("k1", number=1)
    clock.advance(seconds=LIFETIME.total_seconds())
    peer.answers["/token"] = {**TOKEN, "id_token": old}
    assert refusal(client, discovered) in ("ID token: signature", "ID token: exp")
    fresh = signer.id_token(iss=peer.url, header={"kid": "k0"})
    peer.answers["/token"] = {**TOKEN, "id_token": fresh}
    assert refusal(client, discovered) == "ID token: signature"


def test_unknown_keys_cause_no_flood(client, discovered, peer, signer, clock):
    log_in(client, discovered)
    clock.advance(seconds=PAUSE.total_seconds())
    unknown = signer.id_token(iss=peer.url, header={"kid": "unknown"})
    peer.answers["/token"] = {**TOKEN, "id_token": unknown}
    for _ in range(10):
        assert refusal(client, discovered) == "ID token: signature"
    assert peer.paths.count("/jwks") == 2


def test_all_who_need_the_new_key_get_it(client, discovered, peer, signer, clock):
    log_in(client, discovered)
    clock.advance(seconds=PAUSE.total_seconds())
    signer.rotate("k1", number=1)
    with ThreadPoolExecutor(10) as pool:
        users = list(pool.map(lambda _: log_in(client, discovered), range(10)))
    assert {user.subject for user in users} == {"alice-1"}
    assert peer.paths.count("/jwks") == 2


@pytest.mark.parametrize("reply", [Reply("busy", 503), Reply("x"), Reply([]), Reply({"keys": 1})])
def test_keys_that_can_not_be_read(client, discovered, peer, clock, reply):
    log_in(client, discovered)
    peer.answers["/jwks"] = reply
    clock.advance(hours=2)
    assert log_in(client, discovered).subject == "alice-1"  # with those of two hours ago
    clock.advance(hours=23)
    assert refusal(client, discovered).startswith("keys: ")


def test_another_address_is_another_set(client, discovered, peer, clock):
    client.supports_pkce(discovered)
    clock.advance(seconds=LIFETIME.total_seconds() - 60)
    log_in(client, discovered)
    peer.answers["/.well-known/openid-configuration"] = metadata(peer, jwks_uri=f"{peer.url}/jwks2")
    peer.answers["/jwks2"] = {"keys": []}
    clock.advance(seconds=60)  # the metadata are old now, and the keys are not
    assert refusal(client, discovered) == "ID token: signature"
