"""Which attribute of an assertion holds which claim (core s. 2.7.3.1), by map and common servers' names."""

from collections.abc import Mapping

from hanko_compat.config.third_party import AttributeMap, IdentityProvider
from hanko_compat.provider_user import ProviderUser
from hanko_compat.saml.assertion import Assertion

Attributes = Mapping[str, tuple[str, ...]]

DEFAULT = AttributeMap()
FURTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    # In this order: Keycloak's mapper "X500 email"; Okta, Google and Keycloak's user properties, as their
    # documentation names them; AD FS for old partners; LDAP's mail, as Shibboleth sends it.
    "email": (
        "urn:oid:1.2.840.113549.1.9.1",
        "email",
        "http://schemas.xmlsoap.org/claims/EmailAddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "mail",
    ),
    # Entra ID, AD FS ("Common Name"), LDAP's displayName, Okta.
    "name": (
        "http://schemas.microsoft.com/identity/claims/displayname",
        "http://schemas.xmlsoap.org/claims/CommonName",
        "urn:oid:2.16.840.1.113730.3.1.241",
        "displayName",
        "name",
    ),
    # Keycloak "X500 givenName" and "X500 surname"; Okta and Google.
    "given_name": ("urn:oid:2.5.4.42", "firstName", "givenName", "given_name"),
    "family_name": ("urn:oid:2.5.4.4", "lastName", "surname", "family_name"),
}
"""What common servers call attributes by default, or in their instructions, besides Hanko's defaults.

An operator who names an attribute gets that one or none: another may hold what users can write themselves.
None is there for ``email_verified``, as in the original: that has to be said.
"""
WRITTEN: Mapping[str, str] = {"zone_info": "zoneinfo"}
"""How ``identities.data`` calls what the configuration calls otherwise."""
FLAGS = frozenset({"email_verified", "phone_verified"})
TRUE = "true"
"""As Hanko 2.7.0: no other text counts, not ``TRUE``, not ``1``."""


def read_user(assertion: Assertion, provider: IdentityProvider) -> ProviderUser:
    """Who has logged in, by the attribute map of *provider*."""
    attributes, names = assertion.attributes, provider.attribute_map
    texts = {claim: _text(attributes, claim, names) for claim in vars(DEFAULT) if claim not in FLAGS}
    is_email_verified = provider.skip_email_verification or _flag(attributes, names.email_verified)
    claims = {WRITTEN.get(claim, claim): text for claim, text in texts.items() if text}
    flags = {
        "email_verified": is_email_verified and bool(texts["email"]),
        "phone_verified": _flag(attributes, names.phone_verified),
    }
    return ProviderUser(
        provider_id=assertion.issuer,
        subject=assertion.subject,
        email=texts["email"] or None,
        is_email_verified=is_email_verified,
        name=texts["name"],
        given_name=texts["given_name"],
        family_name=texts["family_name"],
        picture=texts["picture"],
        claims={
            "iss": assertion.issuer,
            "sub": assertion.subject,
            **claims,
            **{claim: True for claim, is_true in flags.items() if is_true},
        },
    )


def _text(attributes: Attributes, claim: str, names: AttributeMap) -> str:
    """The first value that is not empty, also under names of servers where the map has its default."""
    name = getattr(names, claim)
    further = FURTHER_NAMES.get(claim, ()) if name == getattr(DEFAULT, claim) else ()
    for each in (name, *further):
        for value in attributes.get(each, ()):
            if value.strip():
                return value.strip()
    return ""


def _flag(attributes: Attributes, name: str) -> bool:
    """Whether all that the attribute says is ``true``."""
    values = attributes.get(name, ()) if name else ()
    return bool(values) and all(value.strip() == TRUE for value in values)
