"""Door 2: Corbado's Backend API, at ``/v2``."""

from flask import Blueprint
from marshmallow import ValidationError

from hanko_compat.backend import (
    auth_events,
    challenges,
    client_envs,
    connect_tokens,
    credentials,
    identifiers,
    passkey,
    passkey_challenges,
    passkey_events,
    password_managers,
    project_config,
    sessions,
    social_accounts,
    users,
    webhook_endpoints,
)
from hanko_compat.backend.auth import enter
from hanko_compat.backend.errors import render_error, render_validation_error
from hanko_compat.errors import HankoCompatError
from hanko_compat.web.doors import BACKEND

MODULES = (
    users,
    identifiers,
    challenges,
    social_accounts,
    credentials,
    passkey,
    passkey_challenges,
    passkey_events,
    auth_events,
    sessions,
    connect_tokens,
    webhook_endpoints,
    project_config,
    password_managers,
    client_envs,
)


def door() -> Blueprint:
    """Make the blueprint with all views of this door.

    The functions of `hanko_compat.backend.errors` are for the application, too: what is refused before a
    route is found reaches no blueprint.
    """
    bp = Blueprint("backend", __name__, url_prefix=BACKEND)
    for module in MODULES:
        bp.register_blueprint(module.bp)
    bp.before_app_request(enter)
    bp.register_error_handler(HankoCompatError, render_error)
    bp.register_error_handler(ValidationError, render_validation_error)
    return bp
