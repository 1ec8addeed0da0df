"""What a provider says about itself (OpenID Connect Discovery 1.0 s. 4)."""

from typing import Any
from urllib.parse import urlsplit

from hanko_compat.errors.third_party import ProviderUnavailable
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.provider import Endpoints

PATH = "/.well-known/openid-configuration"


def fetch_endpoints(conversation: Conversation, *, issuer: str) -> Endpoints:
    """Get the metadata of *issuer*, and what of it counts here.

    Raises:
        RequestFailed: it can't be had.
        ProviderUnavailable: it is somebody else's, lacks an endpoint, or leads from https to http.
    """
    if not issuer:
        raise ProviderUnavailable("no issuer is configured")
    return read_endpoints(conversation.get_json(metadata_url(issuer)), issuer=issuer)


def metadata_url(issuer: str) -> str:
    """Where the metadata of *issuer* are (s. 4)."""
    return issuer.removesuffix("/") + PATH


def read_endpoints(metadata: Any, *, issuer: str) -> Endpoints:
    """What of the metadata of *issuer* counts here (s. 3).

    Raises:
        ProviderUnavailable: they are somebody else's, lack an endpoint, or lead from https to http.
    """
    if not isinstance(metadata, dict):
        raise ProviderUnavailable("metadata that is no JSON object")
    # s. 4.3: exactly, or any provider could speak for any other.
    if metadata.get("issuer") != issuer:
        raise ProviderUnavailable("metadata of another issuer")
    methods = metadata.get("code_challenge_methods_supported")
    return Endpoints(
        authorization=_required(metadata, "authorization_endpoint", issuer=issuer),
        token=_required(metadata, "token_endpoint", issuer=issuer),
        userinfo=_url(metadata, "userinfo_endpoint", issuer=issuer),
        keys=_url(metadata, "jwks_uri", issuer=issuer),
        has_pkce=isinstance(methods, list) and "S256" in methods,
        sends_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
    )


def _required(metadata: dict[str, Any], name: str, *, issuer: str) -> str:
    url = _url(metadata, name, issuer=issuer)
    if not url:
        raise ProviderUnavailable(f"metadata without {name}")
    return url


def _url(metadata: dict[str, Any], name: str, *, issuer: str) -> str:
    """The URL of an endpoint; "" where there is none."""
    text = metadata.get(name)
    if text is None or text == "":
        return ""
    if not isinstance(text, str) or not _is_url(text):
        raise ProviderUnavailable(f"metadata whose {name} is no URL")
    if issuer.lower().startswith("https:") and not text.lower().startswith("https:"):
        raise ProviderUnavailable(f"metadata whose {name} is without TLS")
    return text


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}#')
    return is_plain and parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
