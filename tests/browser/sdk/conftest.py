"""Windows with the SDK in them, and the sites that they talk to."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.accounts import Account
from tests.browser.sdk.client import OpenSdk, Sdk
from tests.browser.site import Site

PATIENCE = 120_000  # milliseconds; the SDK's own default is too short for a busy machine


@pytest.fixture
def header_site(site_with: Callable[..., Site]) -> Site:
    """A site whose sessions come in ``X-Auth-Token``, and which believes every address."""
    return site_with({"session.enable_auth_token_header": True, "email.require_verification": False})


@pytest.fixture
def tight_site(site_with: Callable[..., Site]) -> Site:
    """A site with limits that are soon reached, and which believes every address."""
    return site_with(
        {
            "email": {"require_verification": False, "limit": 2},
            "passkey": {"user_verification": "required", "limit": 1},
            "rate_limiter": {
                "enabled": True,
                "passcode_limits": {"tokens": 3, "interval": "10m"},
                "password_limits": {"tokens": 2, "interval": "10m"},
            },
        }
    )


@pytest.fixture
def closed_site(site_with: Callable[..., Site]) -> Site:
    """A site where next to nothing is allowed."""
    return site_with(
        {
            "account": {"allow_signup": False, "allow_deletion": False},
            "password.enabled": False,
            "passkey.enabled": False,
        }
    )


@pytest.fixture
def open_sdk(context: BrowserContext, page: Page) -> OpenSdk:
    """Open the SDK in ``page``, with an account's session or without: ``open_sdk(site, account)``."""
    first_page = page

    def open_in_page(
        site: Site,
        account: Account | None = None,
        *,
        page: Page = first_page,
        api: str | None = None,
        **options: Any,
    ) -> Sdk:
        sends_header = site.server.settings["session"].get("enable_auth_token_header", False)
        # By another name of the host: the browser sends it none of the cookies that the SDK sets here.
        own_api = site.origin.replace("localhost", "127.0.0.1") if sends_header else site.origin
        if account is not None:
            cookie = {"name": "hanko", "value": account.token, "url": site.origin}
            context.add_cookies([{**cookie, "httpOnly": not sends_header}])  # type: ignore[list-item]
        return Sdk(page, frontend=site.other_origin, api=api or own_api, **{"timeout": PATIENCE, **options})

    return open_in_page
