"""``session.jwt_template.claims``: claims of the operator's own, as values or as templates over the user."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from hanko_compat import go_template
from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template import Lookup, Struct
from hanko_compat.jose import claim_values, metadata_path
from hanko_compat.jose.session_token import TokenSubject

logger = logging.getLogger(__name__)

ALWAYS_THERE = frozenset({"sub", "iat", "exp", "aud", "session_id"})
"""What every token says of its session. A template sets only claims that a token does not have anyway."""

_REGISTERED: dict[str, Callable[[Any], Any]] = {
    "iss": claim_values.single_text,
    "jti": claim_values.single_text,
    "nbf": claim_values.numeric_date,
}
"""Claims whose type is set (RFC 7519 s. 4.1): a token with another type is refused by those who check it."""

Maker = Callable[[Struct], Any]
"""Makes the value of a claim from the data of a user."""


class ClaimTemplates:
    """The claims of the configuration, parsed once and rendered for each token."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        """Parse *claims*; what can't be parsed is left out with a warning, as the original does."""
        self._makers: dict[str, Maker] = {}
        for name, value in claims.items():
            if name in ALWAYS_THERE:
                logger.warning("claim_template_reserved", extra={"claim": name})
                continue
            try:
                self._makers[name] = _claim(name, value)
            except ClaimTemplateInvalid as error:
                logger.warning("claim_template_unreadable", extra={"claim": name, "reason": str(error)})

    def render(self, subject: TokenSubject) -> dict[str, Any]:
        """The claims for one user; a claim whose template fails is left out with a warning.

        Those that a token has anyway, such as ``email`` of a user with an address, win over these.
        """
        if not self._makers:
            return {}
        data, claims = _data(subject), {}
        for name, make in self._makers.items():
            try:
                claims[name] = make(data)
            except ClaimTemplateInvalid as error:
                logger.warning("claim_template_failed", extra={"claim": name, "reason": str(error)})
        return claims


def problems(claims: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with *claims*, by name; for those who check a configuration."""
    found = {}
    for name, value in claims.items():
        try:
            _claim(name, value)
        except ClaimTemplateInvalid as error:
            found[name] = str(error)
        if name in ALWAYS_THERE:
            found[name] = "a standard claim, which a template can't set"
    return found


def _claim(name: str, value: Any) -> Maker:
    """Prepare one claim of the YAML file."""
    as_registered = _REGISTERED.get(name)
    if as_registered is None:
        return _maker(value)
    if not isinstance(value, str):
        registered = as_registered(value)
        return lambda _: registered
    make = _text_maker(value, lambda text: text)
    return lambda data: as_registered(make(data))


def _maker(value: Any) -> Maker:
    """Prepare one value of the YAML file: texts are templates, maps and lists are walked."""
    if isinstance(value, str):
        return _text_maker(value, claim_values.of_text)
    if isinstance(value, Mapping):
        members = {str(name): _maker(item) for name, item in value.items()}
        return lambda data: {name: make(data) for name, make in members.items()}
    if isinstance(value, list | tuple):
        items = [_maker(item) for item in value]
        return lambda data: [make(data) for make in items]
    literal = claim_values.of_yaml(value)
    return lambda _: literal


def _text_maker(text: str, typed: Callable[[str], Any]) -> Maker:
    if "{{" not in text:
        constant = typed(text)
        return lambda _: constant
    template = go_template.parse(text)
    return lambda data: typed(template.render(data))


def _data(subject: TokenSubject) -> Struct:
    """What templates see of a user. Without a primary address ``.User.Email`` is nil, so its fields fail."""
    email = subject.email and Struct(
        {
            "Address": subject.email.address,
            "IsPrimary": subject.email.is_primary,
            "IsVerified": subject.email.is_verified,
        }
    )
    metadata = Struct(
        {"Public": _lookup(subject.public_metadata), "Unsafe": _lookup(subject.unsafe_metadata)},
        is_nil=not (subject.public_metadata or subject.unsafe_metadata),
    )
    user = {
        "UserID": str(subject.user_id),
        "Email": email,
        "Username": subject.username or "",
        "Name": subject.name or "",
        "GivenName": subject.given_name or "",
        "FamilyName": subject.family_name or "",
        "Picture": subject.picture or "",
        "Metadata": metadata,
    }
    return Struct({"User": Struct(user)})


def _lookup(metadata: Mapping[str, Any]) -> Lookup:
    return Lookup(method=lambda path: metadata_path.get(metadata, path), value=metadata)
