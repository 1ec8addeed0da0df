"""Refuses names that are not this server's, during development.

A page of any site may let its own name lead to 127.0.0.1 (DNS rebinding), and would then read the mails of
``--dev`` as its own. An address in ``Host`` can't be such a name, so a server in a container or on another
machine is found by its address.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from werkzeug.exceptions import MisdirectedRequest

from hanko_compat.config import Config


class HostGuard:
    """Decides which names a server under development has."""

    def __init__(self, config: Config) -> None:
        self._is_on = config.dev
        self._own = urlsplit(config.hanko_compat.public_url).hostname

    def check(self, environ: Mapping[str, Any]) -> None:
        """Let pass a request for this machine, for an address, or for the host of the public URL.

        Raises:
            MisdirectedRequest: it is for another name.
        """
        host = environ.get("HTTP_HOST")
        if self._is_on and host and not self._is_own(host):
            raise MisdirectedRequest

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in {"localhost", self._own} or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
