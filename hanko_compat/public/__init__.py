"""Door 1: Hanko's Public API, at ``/``."""

from collections.abc import Iterator

from flask import Blueprint
from marshmallow import ValidationError

from hanko_compat.config import Config
from hanko_compat.errors import HankoCompatError
from hanko_compat.public import (
    device_cookie,
    emails,
    passcode,
    password,
    saml,
    sessions,
    status,
    thirdparty,
    token,
    users,
    webauthn,
    well_known,
)
from hanko_compat.public.errors import render_error, render_validation_error


def door(config: Config) -> Blueprint:
    """Make the blueprint with the views of this door that the configuration has not switched off.

    `render_http_exception` is for the application: unknown paths reach no blueprint.
    """
    bp = Blueprint("public", __name__)
    for views in _served(config):
        bp.register_blueprint(views)
    bp.register_error_handler(HankoCompatError, render_error)
    bp.register_error_handler(ValidationError, render_validation_error)
    return bp


def _served(config: Config) -> Iterator[Blueprint]:
    """As in Hanko 2.7.0 what is switched off is not there: its paths are like those that never were."""
    yield users.bp
    if config.email.enabled and config.email.use_for_authentication:
        yield passcode.bp
    if config.password.enabled:
        yield password.bp
    if config.passkey.enabled:
        yield webauthn.bp
    if config.rate_limiter.enabled:
        yield device_cookie.bp
    if config.saml.enabled:
        yield saml.bp
    yield from (thirdparty.bp, token.bp, emails.bp, sessions.bp, well_known.bp, status.bp)
