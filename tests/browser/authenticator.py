"""Virtual authenticators of Chromium (WebAuthn Level 3, section 11; CDP domain WebAuthn)."""

from typing import Any

from playwright.sync_api import BrowserContext, Page

PLATFORM = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualAuthenticator:
    """A passkey device of one page. It outlives reloads and other URLs of the page."""

    def __init__(self, context: BrowserContext, page: Page, **options: Any) -> None:
        self._session = context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM | options})
        self._id = added["authenticatorId"]

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it holds: ``credentialId`` in plain Base64, ``rpId``, ``signCount``, ``userHandle``, ..."""
        return self._send("getCredentials")["credentials"]

    def verify_users(self, *, is_verified: bool) -> None:
        """From now on succeed, or fail, to verify who touches it."""
        self._send("setUserVerified", isUserVerified=is_verified)

    def answer(self, *, by_itself: bool) -> None:
        """From now on touch it at once, or never."""
        self._send("setAutomaticPresenceSimulation", enabled=by_itself)

    def forget(self) -> None:
        """Lose all credentials."""
        self._send("clearCredentials")

    def _send(self, method: str, **parameters: Any) -> Any:
        return self._session.send(f"WebAuthn.{method}", {"authenticatorId": self._id, **parameters})
