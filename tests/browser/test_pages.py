"""The pages of a developer's server: the header that they share, their policies, search, the mailbox."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accounts import new_address
from tests.browser.playground import DevelopmentServer

TITLES = {"playground": "Playground", "docs": "API reference", "dev/mailbox": "Mailbox", "": "Status"}
TELL_OF_VIOLATIONS = """\
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`${event.violatedDirective} refuses ${event.blockedURI}`));
"""
# Contrast as WCAG 2.2 has it (s. 1.4.3), of each text that is seen, on the background that it stands on.
FAINT_TEXTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const mixed = (above, below, share) => above.map((each, at) => each * share + below[at] * (1 - share));
  const light = (colour) => {
    const [red, green, blue] = colour.map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    if (!element) return [255, 255, 255];
    const [red, green, blue, share = 1] = numbers(getComputedStyle(element).backgroundColor);
    const own = [red, green, blue];
    return share === 1 ? own : mixed(own, background(element.parentElement), share);
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE);
    const said = text.map((each) => each.data).join("").trim();
    if (!said || !element.checkVisibility() || element.closest(":disabled, .hidden")) continue;
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) opacity *= getComputedStyle(each).opacity;
    const below = background(element);
    const above = mixed(numbers(getComputedStyle(element).color).slice(0, 3), below, opacity);
    const [high, low] = [light(above), light(below)].sort((one, other) => other - one);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faint.push(`${said.slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""


@pytest.fixture
def mail(server: DevelopmentServer) -> str:
    """The address that has got a mail with a passcode."""
    address = new_address()
    send_passcode(server, address)
    return address


def send_passcode(server: DevelopmentServer, address: str) -> None:
    user = server.request("POST", "/users", {"email": address}).body
    ids = {name: user[name] for name in ("user_id", "email_id")}
    assert server.request("POST", "/passcode/login/initialize", ids).status == 200


def test_no_page_breaks_its_policy(context: BrowserContext, server: DevelopmentServer, mail: str) -> None:
    problems: list[str] = []
    context.add_init_script(TELL_OF_VIOLATIONS)
    context.on("console", lambda message: problems.append(f"{message.page.url}: {message.text}"))
    context.on("weberror", lambda error: problems.append(str(error.error)))
    page = context.new_page()
    page.goto(server.origin)
    for path, title in TITLES.items():
        page.get_by_role("navigation", name="Pages of this server").get_by_role("link", name=title).click()
        expect(page).to_have_url(f"{server.origin}/{path}")
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
    page.goto(f"{server.origin}/dev/mailbox")
    with context.expect_page() as opened:
        page.locator("li", has_text=mail).get_by_role("link", name="HTML part").click()
    opened.value.wait_for_load_state("networkidle")
    expect(opened.value.get_by_text("passcode").first).to_be_visible()
    # A mail runs no script: neither those that this test and its trace put into each page.
    assert [problem for problem in problems if "allow-scripts" not in problem] == []


def test_pages_are_reached_by_keyboard_and_say_where_one_is(page: Page, server: DevelopmentServer) -> None:
    page.goto(f"{server.origin}/dev/mailbox")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    for title in TITLES.values():
        page.keyboard.press("Tab")
        link = page.get_by_role("navigation").get_by_role("link", name=title)
        expect(link).to_be_focused()
        expect(link).to_have_css("outline-style", "solid")
    expect(page.locator("[aria-current=page]")).to_have_text("Mailbox")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-current=page]")).to_have_text("Status")
    expect(page).to_have_title("Example: working")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(
    new_context: Callable[..., BrowserContext], server: DevelopmentServer, mail: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, viewport={"width": 320, "height": 700}).new_page()
    for path in TITLES:
        page.goto(f"{server.origin}/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FAINT_TEXTS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_each_method_has_its_own_look(page: Page, server: DevelopmentServer) -> None:
    page.goto(f"{server.origin}/docs")
    looks = {}
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        mark = page.locator(f".list .method[data-method={method}]").first
        expect(mark).to_have_text(method)
        looks[method] = mark.evaluate(
            "(each) => [getComputedStyle(each).color, getComputedStyle(each).background]"
        )
    assert len({colour for colour, _ in looks.values()}) == len(looks)
    red, green, blue = page.locator(".list .method[data-method=DELETE]").first.evaluate(
        "(each) => getComputedStyle(each).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert red > 2 * max(green, blue)


def test_operations_are_searched(page: Page, server: DevelopmentServer) -> None:
    page.goto(f"{server.origin}/docs")
    found, shown = page.locator("#found"), page.locator("article:visible")
    total = page.locator("article").count()
    expect(found).to_have_text(f"{total} operations")
    field = page.get_by_role("searchbox", name="Search by method, path or summary")
    field.press_sequentially("delete /user")
    expect(shown).to_have_count(1)
    expect(shown.locator("h3")).to_have_text("DELETE /user")
    expect(found).to_have_text(f"1 of {total} operations")
    expect(page.locator(".list li:visible")).to_have_count(1)
    expect(page.locator(".list h2:visible")).to_have_text(["Users"])

    field.press("Enter")
    expect(page.get_by_role("link", name="DELETE /user")).to_be_focused()
    field.fill("Sign a user up")  # the summary
    expect(shown.locator("h3")).to_have_text(["POST /users"])
    field.fill("nothing of that kind")
    expect(shown).to_have_count(0)
    expect(found).to_have_text("No operation has “nothing of that kind” in its method, path or summary.")
    field.press("Escape")
    expect(field).to_have_value("")
    expect(shown).to_have_count(total)


def test_a_link_to_an_operation_ends_a_search_without_it(page: Page, server: DevelopmentServer) -> None:
    page.goto(f"{server.origin}/docs")
    logout = page.locator("article", has=page.locator("h3", has_text="/logout"))
    page.get_by_role("searchbox").fill("passcode")
    expect(logout).to_be_hidden()
    page.evaluate("(id) => { location.hash = id; }", logout.get_attribute("id"))
    expect(logout).to_be_in_viewport()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_without_scripts_there_is_no_search_and_all_is_shown(
    new_context: Callable[..., BrowserContext], server: DevelopmentServer
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{server.origin}/docs")
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(page.get_by_role("link", name="DELETE /user")).to_be_visible()


def test_new_mails_leave_the_focus_where_it_is(page: Page, server: DevelopmentServer, mail: str) -> None:
    page.goto(f"{server.origin}/dev/mailbox")
    expect(page.locator("main li", has_text=mail)).to_be_visible()
    still = page.get_by_role("link", name="Keep this page still")
    still.focus()
    second = new_address()
    send_passcode(server, second)
    expect(page.locator("main li").first).to_contain_text(second)
    expect(still).to_be_focused()

    page.context.set_offline(True)
    expect(page.locator("#trouble")).to_have_text("The server can't be reached. This page goes on trying.")
    page.context.set_offline(False)
    expect(page.locator("#trouble")).to_be_empty()
