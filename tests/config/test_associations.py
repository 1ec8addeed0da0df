"""Which applications and origins may use our passkeys: what is accepted, and what a mistake is told."""

import pytest

from tests.config.example import accepted, refused

PLACE = "hanko_compat.webauthn.associations"
FINGERPRINT = ":".join(["AB"] * 32)
APP = {"package_name": "com.example.app", "sha256_cert_fingerprints": [FINGERPRINT.lower()]}


def read(changes):
    return accepted({f"{PLACE}.{name}": value for name, value in changes.items()}).hanko_compat.webauthn


def test_nobody_is_associated_by_default():
    associations = accepted().hanko_compat.webauthn.associations
    assert (associations.android_apps, associations.apple_apps, associations.related_origins) == ((), (), ())


def test_applications_and_origins_are_read():
    associations = read(
        {
            "android_apps": [APP],
            "apple_apps": ["A1B2C3D4E5.com.example.app"],
            "related_origins": ["https://Example.org/", "https://example.net:8443"],
        }
    ).associations
    (app,) = associations.android_apps
    assert (app.package_name, app.sha256_cert_fingerprints) == ("com.example.app", (FINGERPRINT,))
    assert associations.apple_apps == ("A1B2C3D4E5.com.example.app",)
    assert associations.related_origins == ("https://example.org", "https://example.net:8443")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("android_apps", [{}], "Needs package_name and sha256_cert_fingerprints."),
        ("android_apps", [{"package_name": "com.example.app"}], "Needs package_name"),
        ("android_apps", [APP | {"package_name": "app"}], "Must be the name of a package"),
        ("android_apps", [APP | {"sha256_cert_fingerprints": ["AB"]}], "Must be a SHA-256 fingerprint"),
        ("android_apps", [APP | {"name": "x"}], "Unknown"),
        ("android_apps", ["com.example.app"], "Must be a mapping of keys."),
        ("apple_apps", ["com.example.app"], "Must be a team and a bundle"),
        ("apple_apps", "A1B2C3D4E5.com.example.app", "Must be a list."),
        ("related_origins", ["http://example.org"], "Must be an origin"),
        ("related_origins", ["https://example.org/path"], "Must be an origin"),
        ("related_origins", ["https://*.example.org"], "Must be an origin"),
        ("related_origins", [5], "Must be an origin"),
    ],
)
def test_a_mistake_is_told_with_its_place(name, value, message):
    (problem,) = refused({f"{PLACE}.{name}": value})
    assert problem.startswith(f"{PLACE}.{name}")
    assert message in problem


@pytest.mark.parametrize("value", ["required", "preferred", "discouraged"])
def test_resident_keys_are_chosen(value):
    assert accepted({"hanko_compat.webauthn.resident_key": value}).hanko_compat.webauthn.resident_key == value
    assert refused({"hanko_compat.webauthn.resident_key": value.upper()})
