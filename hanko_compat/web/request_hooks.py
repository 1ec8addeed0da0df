"""Hooks before and after every request and at its teardown, errors and unknown paths included."""

import time
from typing import Any, TypeVar, cast

from flask import Flask, Request, Response, g, request

from hanko_compat import logs
from hanko_compat.config import Config
from hanko_compat.metrics.counters import Metrics
from hanko_compat.services.device_links import PATH as DEVICE_PAGE
from hanko_compat.web import rate_limit_headers, refused_head, request_id, request_target, unread_body
from hanko_compat.web.access_log import AccessLog
from hanko_compat.web.client_address import AddressSource, client
from hanko_compat.web.cors import CORS
from hanko_compat.web.doors import is_backend
from hanko_compat.web.host_guard import HostGuard
from hanko_compat.web.origin_guard import OriginGuard

T = TypeVar("T")

# Pages set a policy of their own; this one is for answers that set none.
CONTENT_SECURITY_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Providers of identities have browsers post their answers here; a state binds each to the browser.
CALLBACKS = frozenset({"/thirdparty/callback", "/saml/callback"})


def configure(app: Flask, config: Config, metrics: Metrics) -> None:
    """Register the hooks with *app*: request ids, CORS headers, log lines and metrics."""
    hooks = RequestHooks(config, metrics)
    app.extensions["client_address"] = AddressSource(config.hanko_compat.trusted_proxies)
    app.before_request(hooks.before)
    app.after_request(hooks.after)
    app.teardown_request(hooks.teardown)


class RequestHooks:
    """The hooks of one application."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._cors = CORS(config)
        self._hosts = HostGuard(config)
        self._guard = OriginGuard(config, exempt=CALLBACKS, without_session=frozenset({DEVICE_PAGE}))
        self._access_log = AccessLog(config.log.log_health_and_metrics)
        self._metrics = metrics

    def before(self) -> Response | None:
        """Name the request, answer every ``OPTIONS`` (a preflight may come for any path), refuse forged ones.

        Raises:
            HTTPException: the HTTP server has refused it; see `refused_head`.
            MisdirectedRequest: see `HostGuard.check`.
            NotFound: its path has another spelling; see `request_target.check`.
            Forbidden: see `OriginGuard.check`.
        """
        asked, kept = current(request), current(g)
        kept.started = time.perf_counter()
        path, environ = asked.path, asked.environ
        is_for_servers = is_backend(path)
        sent = environ.get("HTTP_X_REQUEST_ID")
        kept.request_id = name = request_id.number() if is_for_servers else request_id.choose(sent)
        logs.request_id.set(name)
        rate_limit_headers.begin()
        refused_head.check(environ)
        self._hosts.check(environ)
        if asked.method == "OPTIONS" and not is_for_servers:
            return Response(status=204)
        request_target.check(path)
        if is_for_servers:
            return None
        self._guard.check(asked)
        return None

    def after(self, response: Response) -> Response:
        """Add the headers of every answer, and report the request."""
        asked, kept = current(request), current(g)
        environ = asked.environ
        unread_body.discard(environ)
        headers = response.headers
        headers.add(request_id.HEADER, kept.request_id)
        headers.add("X-Content-Type-Options", "nosniff")
        rate_limit_headers.write(headers)
        if not is_backend(asked.path):
            self._cors.write(headers, environ)
        if response.status_code == 204 or headers.get("Content-Length") == "0":
            headers.pop("Content-Type", None)  # of nothing
        elif response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self._report(asked, response, time.perf_counter() - kept.started)
        return response

    def teardown(self, _error: BaseException | None) -> None:
        """Let later log lines of this thread belong to no request."""
        logs.request_id.set(None)

    def _report(self, asked: Request, response: Response, seconds: float) -> None:
        rule = asked.url_rule
        method, path, status = asked.method, asked.path, response.status_code
        self._metrics.count_request(
            route=None if rule is None else rule.rule,
            method=method,
            status=status,
            seconds=seconds,
        )
        if self._access_log.wants(path):
            self._access_log.write(method=method, path=path, status=status, seconds=seconds, client=client())


def current(proxy: T) -> T:
    """What *proxy* stands for now: a look-up through it takes longer than most of what is looked up."""
    return cast(T, cast(Any, proxy)._get_current_object())
