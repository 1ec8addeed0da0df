"""Section ``hanko_compat.webauthn.associations``: which sites and apps may use our passkeys."""

import re
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.fields import Kind, ListOf
from hanko_compat.config.origins import is_origin
from hanko_compat.config.settings import Entry, setting

_PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", re.ASCII)
_FINGERPRINT = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){31}")
_APPLE_APP = re.compile(r"[A-Z0-9]{10}\.[A-Za-z0-9.-]+")


class AndroidPackage(Kind[str]):
    """The name of an Android application."""

    def _read(self, value: Any) -> str:
        if not isinstance(value, str) or not _PACKAGE.fullmatch(value):
            raise ValidationError("Must be the name of a package such as com.example.app.")
        return value


class Fingerprint(Kind[str]):
    """The SHA-256 of a certificate, as Android's tools print it."""

    def _read(self, value: Any) -> str:
        text = value.upper() if isinstance(value, str) else ""
        if not _FINGERPRINT.fullmatch(text):
            raise ValidationError("Must be a SHA-256 fingerprint: 32 pairs of digits such as 14:6D:E9:...")
        return text


class AppleApp(Kind[str]):
    """A team and a bundle of Apple's."""

    def _read(self, value: Any) -> str:
        if not isinstance(value, str) or not _APPLE_APP.fullmatch(value):
            raise ValidationError("Must be a team and a bundle such as A1B2C3D4E5.com.example.app.")
        return value


class RelatedOrigin(Kind[str]):
    """A web origin of another domain."""

    def _read(self, value: Any) -> str:
        text = value.removesuffix("/").lower() if isinstance(value, str) else ""
        if not text.startswith("https://") or not is_origin(text):
            raise ValidationError("Must be an origin such as https://example.org, with https.")
        return text


@dataclass(frozen=True)
class AndroidApp:
    """``android_apps[]``: an application, and the certificates that sign it."""

    package_name: str = setting(AndroidPackage(), "")
    sha256_cert_fingerprints: tuple[str, ...] = setting(ListOf(Fingerprint()), ())

    def __post_init__(self) -> None:
        """Refuse an application without a name or without a certificate.

        Raises:
            ValidationError: one of them is not given.
        """
        if not self.package_name or not self.sha256_cert_fingerprints:
            raise ValidationError("Needs package_name and sha256_cert_fingerprints.")


@dataclass(frozen=True)
class Associations:
    """``hanko_compat.webauthn.associations``: each is served under ``/.well-known/``; empty ones are not."""

    android_apps: tuple[AndroidApp, ...] = setting(ListOf(Entry(AndroidApp)), ())
    apple_apps: tuple[str, ...] = setting(ListOf(AppleApp()), ())
    related_origins: tuple[str, ...] = setting(ListOf(RelatedOrigin()), ())
