"""The Flask application: both doors, what they share, and what helps developers."""

import logging
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Request, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound
from werkzeug.routing import MapAdapter

from hanko_compat import backend, public
from hanko_compat.backend import errors as backend_answers
from hanko_compat.backend import openapi as backend_openapi
from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.context import EXTENSION
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.public import errors as public_answers
from hanko_compat.public import openapi
from hanko_compat.web import request_hooks
from hanko_compat.web.bind_address import BindAddress
from hanko_compat.web.body import READ_LIMIT
from hanko_compat.web.documents import documents
from hanko_compat.web.doors import BACKEND, is_backend
from hanko_compat.web.mailbox import mailbox_pages
from hanko_compat.web.playground import playground
from hanko_compat.web.request_target import path_of
from hanko_compat.wiring import Services, build

logger = logging.getLogger(__name__)


class UndecodedRequest(Request):
    """A request whose ``path`` is what the caller wrote; flask's is decoded and has one slash in front."""

    def __init__(self, environ: dict[str, Any], populate_request: bool = True, shallow: bool = False) -> None:
        """Hand everything to flask."""
        super().__init__(environ, populate_request, shallow)
        self.path = path_of(environ)


class Application(Flask):
    """Flask, without an interest in the ``Host`` that a caller names."""

    request_class = UndecodedRequest

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Match a request by its path and method alone.

        Raises:
            NotFound: the path begins with two slashes, which werkzeug would take for one, or with none.
        """
        if request is None:
            return super().create_url_adapter(request)
        path = request.path
        if not path.startswith("/") or path.startswith("//"):
            raise NotFound
        mount = request.environ.get("SCRIPT_NAME") or "/"  # for URLs of ours, as in the mailbox
        return self.url_map.bind(
            "localhost", script_name=mount, path_info=path, default_method=request.method
        )

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Take a view or a hook as it is: none of ours is a coroutine, and flask would look each time."""
        return func

    def handle_user_exception(self, e: Exception) -> HTTPException | ResponseReturnValue:
        """Report a database that does not answer, whichever door then tells the caller."""
        if isinstance(e, DatabaseUnavailable):
            logger.error("database_unavailable", extra={"cause": e.fault or str(e.__cause__ or e)})
            self.extensions[EXTENSION].metrics.count_database_error()
        return super().handle_user_exception(e)


def create_app(
    config: Config,
    *,
    now: Clock = utc_now,
    services: Services | None = None,
    backend_door: bool = True,
) -> Flask:
    """Build the application. It opens no connection, so it may be built before a fork.

    Without *backend_door* there is nothing at ``/v2``, whatever secrets there are.
    """
    app = Application("hanko_compat", static_folder=None, template_folder="web/templates")
    services = services or build(config, now=now)
    app.extensions[EXTENSION] = services
    _configure_requests(app)
    _configure_errors(app)
    # Before the doors: requests that they refuse are reported, too.
    request_hooks.configure(app, config, services.metrics)
    _configure_bind_address(app, config)
    app.register_blueprint(public.door(config))
    if backend_door:
        app.register_blueprint(backend.door())
    _configure_documents(app, config, backend_door=backend_door)
    _configure_mailbox(app, config, services)
    _configure_playground(app, config)
    return app


def services_of(app: Flask) -> Services:
    """What *app* was built on."""
    return cast(Services, app.extensions[EXTENSION])


def _configure_requests(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = READ_LIMIT
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # exchange answers them, for unknown paths too
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False  # by a redirect, which would make two requests of one


def _configure_errors(app: Flask) -> None:
    # Unknown paths and wrong methods reach no blueprint, so its handlers don't see them.
    app.register_error_handler(HTTPException, _on_http_exception)
    # The backend door refuses callers before their route is known; the public one never raises these here.
    app.register_error_handler(HankoCompatError, backend_answers.render_error)
    app.register_error_handler(ValidationError, backend_answers.render_validation_error)
    app.register_error_handler(Exception, _on_bug)


def _on_bug(error: Exception) -> ResponseReturnValue:
    """Answer with a plain 500; the traceback goes to the log, under the request's id."""
    logger.error("unhandled_exception", exc_info=error)
    return _on_http_exception(InternalServerError())


def _on_http_exception(error: HTTPException) -> ResponseReturnValue:
    """Answer in the words of the door that the path leads to."""
    if is_backend(request.path):
        return backend_answers.render_http_exception(error)
    return public_answers.render_http_exception(error)


def _configure_bind_address(app: Flask, config: Config) -> None:
    """Serve the backend door at an address of its own, and nothing else there, where one is configured."""
    bind = config.hanko_compat.backend_api.bind
    if not bind:
        return
    address = BindAddress(bind)

    @app.before_request
    def check_address() -> None:
        if is_backend(request.path) != address.received(request.environ):
            raise NotFound


def _configure_documents(app: Flask, config: Config, *, backend_door: bool) -> None:
    """Serve the documents where the configuration wants them; by default during development only."""
    wanted = config.hanko_compat.openapi
    if wanted is not True and not (wanted == "auto" and config.dev):
        return
    service_name = config.service.name
    app.register_blueprint(documents(lambda: openapi.document(app, config), service_name=service_name))
    if backend_door:
        for_servers = documents(
            lambda: backend_openapi.document(app, config),
            service_name=service_name,
            name="backend_documents",
            url_prefix=BACKEND,
            is_alone=bool(config.hanko_compat.backend_api.bind),  # nothing else is at that address
        )
        app.register_blueprint(for_servers)


def _configure_mailbox(app: Flask, config: Config, services: Services) -> None:
    """Show the mails, during development only."""
    if services.delivery.mailbox is not None:
        app.register_blueprint(mailbox_pages(services.delivery.mailbox, service_name=config.service.name))


def _configure_playground(app: Flask, config: Config) -> None:
    """Let newcomers try everything, during development only."""
    if config.dev:
        app.register_blueprint(playground(config))
