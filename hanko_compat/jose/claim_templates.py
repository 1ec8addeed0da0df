"""``session.jwt_template.claims``: claims of the operator's own, as values or as templates over the user."""

import logging
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from hanko_compat import go_template
from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template import Lookup, Struct
from hanko_compat.jose import metadata_path
from hanko_compat.jose.session_token import TokenSubject

logger = logging.getLogger(__name__)

RESERVED = frozenset({"sub", "iat", "exp", "nbf", "aud", "iss", "session_id", "email", "username"})
"""Claims with a meaning for sessions; a template can't set them, nor pretend one that a token lacks."""

Maker = Callable[[Struct], Any]
"""Makes the value of a claim from the data of a user."""


class ClaimTemplates:
    """The claims of the configuration, parsed once and rendered for each token."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        """Parse *claims*; what can't be parsed is left out with a warning, as the original does."""
        self._makers: dict[str, Maker] = {}
        for name, value in claims.items():
            if name in RESERVED:
                logger.warning("claim_template_reserved", extra={"claim": name})
                continue
            try:
                self._makers[name] = _maker(value)
            except ClaimTemplateInvalid as error:
                logger.warning("claim_template_unreadable", extra={"claim": name, "reason": str(error)})

    def render(self, subject: TokenSubject) -> dict[str, Any]:
        """The claims for one user; a claim whose template fails is left out with a warning."""
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
            _maker(value)
        except ClaimTemplateInvalid as error:
            found[name] = str(error)
        if name in RESERVED:
            found[name] = "a standard claim, which a template can't set"
    return found


def _maker(value: Any) -> Maker:
    """Prepare one value of the YAML file: texts may be templates, maps and lists are walked."""
    if isinstance(value, str) and "{{" in value:
        template = go_template.parse(value)
        return lambda data: _typed(template.render(data))
    if isinstance(value, Mapping):
        members = {str(name): _maker(item) for name, item in value.items()}
        return lambda data: {name: make(data) for name, make in members.items()}
    if isinstance(value, list | tuple):
        items = [_maker(item) for item in value]
        return lambda data: [make(data) for make in items]
    literal = _literal(value)
    return lambda _: literal


def _literal(value: Any) -> Any:
    """A value of YAML that JSON has, too; dates become texts."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if (
        value is None
        or isinstance(value, str | bool | int)
        or (isinstance(value, float) and math.isfinite(value))
    ):
        return value
    raise ClaimTemplateInvalid("a value that JSON does not have")


def _typed(text: str) -> str | bool:
    """What a template printed; ``true`` and ``false`` become booleans, as in the original."""
    return {"true": True, "false": False}.get(text.strip(), text)


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
        {"Public": _lookup(subject.public_metadata), "Unsafe": _lookup(subject.unsafe_metadata)}
    )
    user = {
        "UserID": str(subject.user_id),
        "Email": email,
        "Username": subject.username or "",
        "Metadata": metadata,
    }
    return Struct({"User": Struct(user)})


def _lookup(metadata: Mapping[str, Any]) -> Lookup:
    return Lookup(method=lambda path: metadata_path.get(metadata, path), value=metadata)
