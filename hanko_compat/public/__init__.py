"""Door 1: Hanko's Public API, at ``/``."""

from flask import Blueprint
from marshmallow import ValidationError

from hanko_compat.errors import HankoCompatError
from hanko_compat.public import emails, passcode, password, sessions, status, users, webauthn, well_known
from hanko_compat.public.errors import render_error, render_validation_error


def door() -> Blueprint:
    """Make the blueprint with all views of this door.

    `render_http_exception` is for the application: unknown paths reach no blueprint.
    """
    bp = Blueprint("public", __name__)
    for module in (users, passcode, password, webauthn, emails, sessions, well_known, status):
        bp.register_blueprint(module.bp)
    bp.register_error_handler(HankoCompatError, render_error)
    bp.register_error_handler(ValidationError, render_validation_error)
    return bp
