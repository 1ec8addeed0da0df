"""What anybody may know: the signing keys and a part of the configuration (RFC 8615)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.config import Config
from hanko_compat.context import services
from hanko_compat.public.answers import answer
from hanko_compat.public.schemas import ConfigResponse, KeySetResponse
from hanko_compat.services.providers import BUILT_IN
from hanko_compat.web.body import returns

bp = Blueprint("well_known", __name__)

JWKS_MAX_AGE = 600  # seconds


@bp.get("/.well-known/jwks.json")
@returns(KeySetResponse, headers=("Cache-Control",))
def get_jwks() -> ResponseReturnValue:
    """Read the public keys that verify session tokens (operationId getJwks)."""
    response = answer(KeySetResponse, {"keys": services().keys.public_jwks()})
    response.headers["Cache-Control"] = f"max-age={JWKS_MAX_AGE}"
    return response


@bp.get("/.well-known/config")
@returns(ConfigResponse)
def get_config() -> ResponseReturnValue:
    """Read what a frontend has to know of the configuration (operationId getConfig)."""
    config = services().config
    shown = {
        "account": config.account,
        "email": config.email,
        "password": config.password,
        "providers": _provider_names(config),
        "use_enterprise": _uses_saml(config),
    }
    return answer(ConfigResponse, shown)


def _provider_names(config: Config) -> list[str] | None:
    """The built-in providers in use; custom ones are not listed, as in the original. None for none."""
    enabled = (name for key, name in BUILT_IN.items() if getattr(config.third_party.providers, key).enabled)
    return sorted(enabled) or None


def _uses_saml(config: Config) -> bool:
    return config.saml.enabled and any(provider.enabled for provider in config.saml.identity_providers)
