"""What a server tells of the browser or app for which it asks; only some of it is used."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from hanko_compat.backend.fields import NOT_VALID, OPTIONAL, REQUIRED, optional_text, required_text
from hanko_compat.client import Client
from hanko_compat.services.passkeys.credential_records import Source
from hanko_compat.services.user_agents import browser_of, system_of
from hanko_compat.web.client_address import client

LONGEST = 255  # characters, as wide as the columns


class Flag(fields.Boolean):
    """True or false, and nothing that is like them."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def required_flag(name: str, meaning: str) -> Flag:
    """True or false, which has to be there."""
    return Flag(required=True, data_key=name, error_messages=REQUIRED, metadata={"description": meaning})


def optional_flag(name: str, meaning: str) -> Flag:
    """True or false, or nothing, which is false."""
    return Flag(
        data_key=name,
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
        metadata={"description": meaning},
    )


def some_text(name: str, meaning: str) -> fields.String:
    """A text that has to be there, and may be empty."""
    return fields.String(
        required=True, data_key=name, error_messages=REQUIRED, metadata={"description": meaning}
    )


def described(field: fields.String, meaning: str) -> fields.String:
    """The *field*, with what it means."""
    field.metadata = {**(field.metadata or {}), "description": meaning}
    return field


class Part(Schema):
    """An object within a body."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["type"] = NOT_VALID


class ParsedDeviceInfo(Part):
    """What a user agent was found to be."""

    browser_name = some_text("browserName", "What the browser is called.")
    browser_version = some_text("browserVersion", "The version of the browser.")
    os_name = some_text("osName", "What the operating system is called.")
    os_version = some_text("osVersion", "The version of the operating system.")


class JavaScriptHighEntropy(Part):
    """What the browser tells a script of its platform."""

    platform = some_text("platform", "What the platform is called.")
    platform_version = some_text("platformVersion", "The version of the platform.")
    mobile = required_flag("mobile", "Is it a telephone?")


class NativeMeta(Part):
    """What an app tells of its device."""

    build = some_text("build", "The build of the app.")
    device_owner_auth = described(optional_text(name="deviceOwnerAuth"), "How the device knows its owner.")
    has_authenticator_api = optional_flag(
        "isPlatformAuthenticatorAPISupported", "Can apps make passkeys on it?"
    )
    has_bluetooth = optional_flag("isBluetoothAvailable", "Has it Bluetooth?")
    is_bluetooth_on = optional_flag("isBluetoothOn", "Is Bluetooth on?")
    has_play_services = optional_flag("googlePlayServices", "Has it Google Play services?")
    is_device_secure = optional_flag("deviceSecure", "Is the screen locked?")


class ClientInformation(Part):
    """The browser or app of a user; what old clients don't send may be absent."""

    remote_address = described(required_text(name="remoteAddress"), "The IP address.")
    user_agent = described(required_text(name="userAgent"), "The header ``User-Agent``.")
    client_env_handle = described(
        optional_text(name="clientEnvHandle"), "What the caller knows the browser by."
    )
    fingerprint = described(
        optional_text(name="javascriptFingerprint"), "What a script knows the browser by."
    )
    high_entropy = fields.Nested(
        JavaScriptHighEntropy,
        data_key="javaScriptHighEntropy",
        unknown=EXCLUDE,
        allow_none=True,
        error_messages=OPTIONAL,
    )
    has_bluetooth = optional_flag("bluetoothAvailable", "Is there Bluetooth?")
    has_password_manager = optional_flag("passwordManagerAvailable", "Is there a password manager?")
    has_platform_authenticator = required_flag(
        "userVerifyingPlatformAuthenticatorAvailable", "Can the device itself keep passkeys?"
    )
    has_conditional_mediation = required_flag(
        "conditionalMediationAvailable", "Can passkeys be offered where the name is typed?"
    )
    is_private = optional_flag("privateMode", "Does the browser keep nothing?")
    device = fields.Nested(
        ParsedDeviceInfo,
        data_key="parsedDeviceInfo",
        unknown=EXCLUDE,
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
    )
    native = fields.Nested(
        NativeMeta, data_key="nativeMeta", unknown=EXCLUDE, allow_none=True, error_messages=OPTIONAL
    )


def client_information() -> fields.Nested:
    """The member ``clientInformation``, which has to be there."""
    return fields.Nested(
        ClientInformation,
        required=True,
        data_key="clientInformation",
        unknown=EXCLUDE,
        error_messages=REQUIRED,
    )


def person(information: Mapping[str, Any]) -> Client:
    """Who is behind the request, as the server tells: for the audit log, in place of the server itself."""
    return replace(
        client(),
        ip_address=information["remote_address"][:LONGEST],
        user_agent=information["user_agent"][:LONGEST],
    )


def source(information: Mapping[str, Any]) -> Source:
    """On what a passkey is made: ``macOS 15.0.1`` and ``Chrome 133.0.0``; "" for what is not given."""
    device = information["device"]
    if device is None:
        return Source(system_of(information["user_agent"]), browser_of(information["user_agent"]))
    named = (f"{device[f'{kind}_name']} {device[f'{kind}_version']}" for kind in ("os", "browser"))
    return Source(*(each.strip()[:LONGEST] for each in named))
