import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.jose.encryption import decrypt, decrypt_with_any, encrypt

SECRET = "fixture-secret-new-0123456789abcdef"
# Written by Hanko's own format: nonce 00 01 .. 0b and the text {"kty":"RSA"}.
VECTOR = "AAECAwQFBgcICQoLZhFvjEdga81y2Q6ilbrDlv1-FLlKL1KgzmHbc5U="


def test_encrypts_as_the_worked_example():
    assert encrypt(b'{"kty":"RSA"}', secret=SECRET, nonce=bytes(range(12))) == VECTOR


def test_decrypts_the_worked_example():
    assert decrypt(VECTOR, secret=SECRET) == b'{"kty":"RSA"}'


def test_the_nonce_is_never_the_same():
    assert encrypt(b"text", secret=SECRET) != encrypt(b"text", secret=SECRET)


def test_any_of_the_secrets_may_decrypt():
    assert decrypt_with_any(VECTOR, secrets=["some other secret", SECRET]) == b'{"kty":"RSA"}'


def test_no_secret_fits():
    assert decrypt_with_any(VECTOR, secrets=["some other secret", "a third one"]) is None


@pytest.mark.parametrize(
    "text",
    ["", "A", "AAEC", "no base64!", "ä", VECTOR[:-8], VECTOR.replace("Zh", "Zi")],
    ids=["empty", "one letter", "short", "no base64", "no ASCII", "cut", "changed"],
)
def test_what_the_secret_did_not_encrypt(text):
    assert decrypt(text, secret=SECRET) is None


@given(st.binary(max_size=200), st.text(max_size=40))
def test_round_trip(plain, secret):
    assert decrypt(encrypt(plain, secret=secret), secret=secret) == plain


@given(st.text(max_size=100))
def test_any_text_can_be_tried(text):
    assert decrypt(text, secret=SECRET) is None
