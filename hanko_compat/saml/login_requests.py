"""Requests to log somebody in, by the HTTP-Redirect binding (core s. 3.4.1, bindings s. 3.4)."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from saml2.pack import http_redirect_message
from saml2.saml import Issuer
from saml2.samlp import AuthnRequest, NameIDPolicy
from saml2.sigver import RSASigner
from saml2.xmldsig import SIG_RSA_SHA256

from hanko_compat.saml.names import POST_BINDING


class _Signer:
    """Signs a query with one key. pysaml2's own has one place for the key of all threads."""

    def __init__(self, private_key: RSAPrivateKey) -> None:
        self._private_key = private_key

    def get_signer(self, _algorithm: str) -> RSASigner:
        return RSASigner(SHA256(), self._private_key)


def build_request(
    *, request_id: str, now: datetime, issuer: str, acs_url: str, destination: str, force_login: bool
) -> str:
    """An ``AuthnRequest``, as Hanko 2.7.0 makes it; its signature, if any, belongs to the query."""
    request = AuthnRequest(
        id=request_id,
        version="2.0",
        issue_instant=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        destination=destination,
        assertion_consumer_service_url=acs_url,
        protocol_binding=POST_BINDING,
        force_authn="true" if force_login else None,
        issuer=Issuer(text=issuer),
        name_id_policy=NameIDPolicy(allow_create="true"),
    )
    return str(request)


def redirect_url(
    request: str, *, destination: str, relay_state: str, private_key: RSAPrivateKey | None
) -> str:
    """*destination* with the query that carries *request*, signed by *private_key* if there is one.

    The signature is over the query, by rsa-sha256 (bindings s. 3.4.4.1).
    """
    message = http_redirect_message(
        request,
        destination,
        relay_state,
        sigalg=SIG_RSA_SHA256,
        sign=private_key is not None,
        backend=_Signer(private_key) if private_key is not None else None,
    )
    (location,) = (value for name, value in message["headers"] if name == "Location")
    return str(location)
