import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site


@pytest.mark.parametrize("is_cross_origin", [False, True], ids=["same origin", "another origin"])
def test_elements_show(page: Page, site: Site, is_cross_origin: bool) -> None:
    page.goto(site.frontend(is_cross_origin=is_cross_origin))
    expect(page.get_by_text("Sign in or sign up")).to_be_visible()
