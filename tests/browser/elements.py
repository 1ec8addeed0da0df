"""A person in front of the original's elements."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site

REGISTER = """async (token) => {
  const ask = (path, body) => fetch(`/webauthn/registration/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const { publicKey } = await (await ask("initialize")).json();
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  const credential = await navigator.credentials.create({ publicKey: options });
  return (await ask("finalize", credential.toJSON())).status;
}"""


class Visitor:
    """Somebody who uses the frontend of a site in one tab; *options* are those of its URL."""

    def __init__(self, page: Page, site: Site, *, is_cross_origin: bool = False, **options: str) -> None:
        self.page = page
        self.site = site
        self._where: dict[str, Any] = {"is_cross_origin": is_cross_origin, **options}

    def open(self, show: str = "auth") -> None:
        """Open the page with ``<hanko-auth>`` or ``<hanko-profile>``."""
        self.page.goto(self.site.frontend(show=show, **self._where))

    def press(self, name: str) -> None:
        """Press a button or a link: by keyboard, since some move away from under a mouse."""
        press(self.page.get_by_role("button", name=name, exact=True))

    def press_in_form(self, field: str, name: str) -> None:
        """Press a button of the form that a field belongs to: other forms have such buttons, too."""
        form = self.page.locator("form").filter(has=self.page.get_by_label(field))
        press(form.get_by_role("button", name=name, exact=True))

    def enter(self, label: str, text: str) -> None:
        """Type into a field."""
        self.page.get_by_label(label, exact=True).fill(text)

    def enter_address(self, address: str) -> None:
        """Open the page, say who is there, go on."""
        self.open()
        self.enter("Email", address)
        self.press("Continue")

    def enter_passcode(self, code: str) -> None:
        """Type all digits; the last one sends them."""
        first = self.page.get_by_label("passcode-digit-1")
        expect(first).to_be_enabled()
        first.press_sequentially(code)

    def enter_mailed_passcode(self, address: str, *, number: int = 1) -> None:
        """Type the digits of the mail of that number to *address*."""
        self.arrives_at("Enter passcode")
        self.enter_passcode(self.site.passcode(address, number=number))

    def log_in(self, address: str, password: str) -> None:
        """Log in with a password, all the way."""
        self.log_in_with_password(address, password)
        self.happened("onAuthFlowCompleted")

    def log_in_with_password(self, address: str, password: str) -> None:
        """Log in, up to the last step: nothing follows where the frontend's passkeys are off."""
        self.enter_address(address)
        self.enter("Password", password)
        self.press("Sign in")

    def come_from(self, provider: str, *, answer: str = "Yes, it is me") -> None:
        """Press the button of another provider, and one on its page."""
        self.open()
        self.press(f"Sign in with {provider}")
        self.press(answer)

    def goes_on(self) -> None:
        """Leave the page that ``<hanko-auth>`` shows to whoever has come back with a session."""
        self.arrives_at("Login successful")
        self.press("Continue")
        self.happened("onAuthFlowCompleted")

    def register_passkey(self, token: str) -> None:
        """Give the user of *token* a passkey in the page's authenticator, outside of the elements."""
        self.page.goto(f"{self.site.origin}/frontend/main.js")
        assert self.page.evaluate(REGISTER, token) == 200

    def unfold(self, name: str, *, number: int = 0) -> None:
        """Unfold an entry of ``<hanko-profile>`` by the text it has."""
        self.page.get_by_role("radio", name=name).nth(number).dispatch_event("click")

    def press_in_entry(self, text: str, name: str) -> None:
        """Press a link of one entry of ``<hanko-profile>``: others have it, too."""
        item = self.page.locator(".hanko_accordionItem").filter(has_text=text)
        press(item.get_by_role("button", name=name, exact=True))

    def entry(self, text: str) -> Locator:
        """An entry of ``<hanko-profile>``, folded or not."""
        return self.page.get_by_role("radio", name=text)

    def confirm(self, name: str) -> None:
        """Press a link that asks back, and say yes."""
        self.press(name)
        self.press("yes")

    def arrives_at(self, heading: str) -> None:
        """Wait until a page of the element is there."""
        expect(self.page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()

    def sees(self, text: str) -> None:
        """Wait until there is a text on the page."""
        expect(self.page.get_by_text(text, exact=True)).to_be_visible()

    def sees_error(self, text: str) -> None:
        """Wait until the element says that something went wrong."""
        expect(self.page.locator("#errorMessage").get_by_text(text, exact=True)).to_be_visible()

    def happened(self, event: str, *, times: int = 1) -> None:
        """Wait until ``<hanko-events>`` has told of *event* so often."""
        expect(self.told(event).nth(times - 1)).to_be_visible()

    def told(self, event: str) -> Locator:
        """What ``<hanko-events>`` has told of *event*."""
        return self.page.locator("#events li").filter(has_text=event)

    @property
    def token(self) -> str:
        """The session token in the browser's cookie; "" without one."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        return cookies.get("hanko", "")

    def me(self) -> Any:
        """What the server says about the session of the browser, asked by somebody else."""
        return self.site.ask("GET", "/me", token=self.token)


def press(button: Locator) -> None:
    """Press Enter on a button as soon as it may be pressed."""
    expect(button).to_be_enabled()
    button.press("Enter")
