"""A newcomer on the playground page of ``serve --dev``."""

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Page, expect

from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.run import Run


class DevelopmentServer(HankoCompat):
    """``hanko-compat serve --dev`` with a configuration file."""

    def __init__(self, run: Run, settings: Mapping[str, Any]) -> None:
        super().__init__(run, settings, workers=1)

    def options(self) -> Sequence[str]:
        """What ``serve`` gets."""
        return ["--dev", "--bind", f"127.0.0.1:{self.port}"]

    def is_ready(self) -> bool:
        """Whether it serves with its database."""
        return self.request("GET", "/health/ready").status == 200

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


class Newcomer:
    """Somebody who presses the buttons of the page, in the order of the steps or another."""

    def __init__(self, page: Page, server: DevelopmentServer) -> None:
        self.page = page
        self.server = server
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))

    def open(self, *, with_autofill: bool = False) -> None:
        """Open the page; without *with_autofill* no passkey is offered before a button is pressed."""
        self.page.goto(f"{self.server.origin}/playground")
        expect(self.page.locator("html[data-ready=true]")).to_be_attached()
        self.page.locator("#passkey-autofill").set_checked(with_autofill)

    def press(self, name: str) -> None:
        """Press the button of that id."""
        self.page.locator(f"#{name}").click()

    def enter(self, name: str, text: str) -> None:
        """Type into the field of that id."""
        self.page.locator(f"#{name}").fill(text)

    def expect_text(self, step: str, text: str, *, kind: str = "ok") -> None:
        """Wait until a step says how it went."""
        result = self.page.locator(f"#{step}-result[data-kind={kind}]")
        expect(result).to_contain_text(text)

    def expect_signed_in(self, *, yes: bool = True) -> None:
        """Wait until the page says that somebody, or nobody, is signed in."""
        expect(self.page.locator(f".who[data-signed-in={str(yes).lower()}]")).to_be_visible()

    def expect_done(self, step: str, *, yes: bool = True) -> None:
        """Wait until a step has its tick, or has none."""
        expect(self.page.locator(f"#step-{step}[data-done={str(yes).lower()}]")).to_be_visible()
        spoken = self.page.locator(f"#step-{step} .state")
        expect(spoken).to_have_text(" (done)" if yes else "")

    def expect_request(self, endpoint: str, status: int) -> None:
        """Whether the newest request to *endpoint* in the list was answered so."""
        newest = self.page.locator(f'#exchanges details[data-endpoint="{endpoint}"]').first
        expect(newest.locator("summary").first).to_contain_text(str(status))

    def sign_up(self, address: str) -> None:
        """Step 1."""
        self.enter("email", address)
        self.press("signup")
        self.expect_text("signup", "Signed up. Now prove that the address is yours: step 2.")

    def log_in_by_mail(self, address: str) -> None:
        """Step 2."""
        self.press("passcode-send")
        self.expect_text("passcode", f"Sent to {address}.", kind="note")
        self.wait_for_mail(address)
        self.press("passcode-fetch")
        self.expect_text("passcode", "Taken from the newest mail.", kind="note")
        self.press("passcode-finish")
        self.expect_text("passcode", "The address is verified, and you are logged in.")
        self.expect_signed_in()

    def join(self, address: str) -> None:
        """Steps 1 and 2."""
        self.open()
        self.sign_up(address)
        self.log_in_by_mail(address)

    def set_password(self, password: str) -> None:
        """Step 3."""
        self.enter("password", password)
        self.press("password-set")
        self.expect_text("password", "The password is set.")

    def create_passkey(self) -> None:
        """Step 4."""
        self.press("passkey-create")
        expect(self.page.locator("#passkey-name-0")).to_be_visible()

    def add_address(self, address: str) -> None:
        """Step 5."""
        self.enter("address", address)
        self.press("address-add")
        self.expect_text("addresses", f"A passcode is on its way to {address}.", kind="note")
        self.wait_for_mail(address)
        self.press("address-fetch")
        self.expect_text("addresses", "Taken from the newest mail.", kind="note")
        self.press("address-verify")
        self.expect_text("addresses", f"{address} is verified.")

    def wait_for_mail(self, address: str) -> None:
        """Wait until the mailbox has a mail to *address*."""
        wait_until(
            lambda: f"to {address}".encode() in self.server.request("GET", "/dev/mailbox").body.lower(),
            why=lambda: f"no mail to {address}",
        )
