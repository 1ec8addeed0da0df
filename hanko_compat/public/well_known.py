"""What anybody may know: signing keys, a part of the configuration, who may use our passkeys (RFC 8615)."""

from typing import TypeVar

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from hanko_compat.config import Config
from hanko_compat.config.associations import Associations
from hanko_compat.context import services
from hanko_compat.public.answers import answer, answer_list
from hanko_compat.public.association_schemas import AppleAssociation, AssetStatement, RelatedOrigins
from hanko_compat.public.schemas import ConfigResponse, KeySetResponse
from hanko_compat.services.profiles.providers import BUILT_IN
from hanko_compat.web.body import returns

T = TypeVar("T")

bp = Blueprint("well_known", __name__)

JWKS_MAX_AGE = 600  # seconds


@bp.get("/.well-known/jwks.json")
@returns(KeySetResponse, headers=("Cache-Control",))
def get_jwks() -> ResponseReturnValue:
    """Read the public keys that verify session tokens (operationId getJwks)."""
    return _key_set()


@bp.get("/.well-known/jwks")
@returns(KeySetResponse, headers=("Cache-Control",))
def get_backend_jwks() -> ResponseReturnValue:
    """Read the same keys, at the place where Corbado's SDKs look for them."""
    return _key_set()


def _key_set() -> Response:
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


@bp.get("/.well-known/assetlinks.json")
@returns(AssetStatement(many=True), errors=(404,))
def get_asset_links() -> ResponseReturnValue:
    """Read which Android applications may use passkeys of this domain."""
    apps = _or_not_found(_associations().android_apps)
    return answer_list(AssetStatement, [{"target": app} for app in apps])


@bp.get("/.well-known/apple-app-site-association")
@returns(AppleAssociation, errors=(404,))
def get_apple_app_site_association() -> ResponseReturnValue:
    """Read which of Apple's applications may use passkeys of this domain."""
    return answer(AppleAssociation, {"webcredentials": {"apps": _or_not_found(_associations().apple_apps)}})


@bp.get("/.well-known/webauthn")
@returns(RelatedOrigins, errors=(404,))
def get_related_origins() -> ResponseReturnValue:
    """Read which origins of other domains may use passkeys of this one (WebAuthn s. 5.11)."""
    return answer(RelatedOrigins, {"origins": _or_not_found(_associations().related_origins)})


def _associations() -> Associations:
    return services().config.hanko_compat.webauthn.associations


def _or_not_found(listed: tuple[T, ...]) -> tuple[T, ...]:
    """What is *listed*; without any, behave as if there were no such path."""
    if not listed:
        raise NotFound
    return listed


def _provider_names(config: Config) -> list[str] | None:
    """The built-in providers in use; custom ones are not listed, as in the original. None for none."""
    providers = config.third_party.providers
    return [name for key, name in BUILT_IN.items() if getattr(providers, key).enabled] or None


def _uses_saml(config: Config) -> bool:
    return config.saml.enabled and any(provider.enabled for provider in config.saml.identity_providers)
