"""Who may call: HTTP Basic with the project ID and an API secret (RFC 7617), on every route."""

import base64
import binascii
import logging
from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound

from hanko_compat import public_ids
from hanko_compat.context import services
from hanko_compat.errors.api_secrets import ApiCredentialsInvalid, ProjectMismatch
from hanko_compat.web.doors import is_backend

logger = logging.getLogger(__name__)

LONGEST = 1024  # characters of the header; a project ID and a secret have far fewer
LOGGED = 200  # characters of what an SDK says of itself


def enter() -> None:
    """Let pass, of what asks for this door, only who may; then read the IDs in the path.

    Raises:
        NotFound: there is no secret, and so no door.
        ApiCredentialsInvalid: no credentials, or wrong ones.
        ProjectMismatch: ``X-Corbado-ProjectID`` names another project.
        ValidationError: an ID that names nothing.
        UserNotFound: the same, below a user who does not exist either.
    """
    if not is_backend(request.path):
        return
    if not services().api_secrets.exist():
        raise NotFound
    project_id, secret = credentials(request.environ)
    services().api_secrets.check(project_id, secret)
    named = request.environ.get("HTTP_X_CORBADO_PROJECTID")
    if named is not None and named != project_id:
        raise ProjectMismatch
    sdk = request.environ.get("HTTP_X_CORBADO_SDK")
    if sdk is not None:
        logger.debug("backend_sdk", extra={"sdk": sdk[:LOGGED]})
    if request.view_args:
        request.view_args = _read_ids(request.view_args)


def credentials(environ: Mapping[str, Any]) -> tuple[str, str]:
    """The project ID and the secret that a request carries.

    Raises:
        ApiCredentialsInvalid: none, or badly written; also a secret without a project ID.
    """
    header = environ.get("HTTP_AUTHORIZATION", "")
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > LONGEST:
        raise ApiCredentialsInvalid
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ApiCredentialsInvalid from error
    project_id, colon, secret = text.partition(":")
    if not colon:
        raise ApiCredentialsInvalid
    return project_id, secret


def _read_ids(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a view with UUIDs for IDs.

    Raises:
        ValidationError: what stands for an ID is none, and so the thing does not exist.
        UserNotFound: the same, of a user who does not exist either, and is reported alone.
    """
    read = {
        name: public_ids.decode(name, text) if name in public_ids.FIELDS else text
        for name, text in arguments.items()
    }
    malformed = [name for name, value in read.items() if value is None]
    if not malformed:
        return read
    user_id = read.get("user_id")
    if user_id is not None:
        services().users.records.require(user_id)
    name = "user_id" if "user_id" in malformed else malformed[0]
    raise ValidationError({public_ids.FIELDS[name]: ["does not exist"]})
