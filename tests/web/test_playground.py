import json
import re
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

import hanko_compat.web
from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.web import page_parts
from hanko_compat.web.playground import playground
from tests.web.test_documents import Page

FILES = Path(hanko_compat.web.__file__).parent / "static" / "playground"
SCRIPTS = sorted(FILES.glob("*.js"))
STYLES = sorted(FILES.glob("*.css"))
ENDPOINT = re.compile(r'"((?:GET|POST|PUT|PATCH|DELETE) /[^"]*)"')
ARGUMENT = re.compile(r"<[^>]+>")
# Parts of the API that may come after the page: it says so where the server has no such path.
LATER = re.compile(r"/(emails|passcode|password|saml|webauthn)\b")


@pytest.fixture
def dev_app(make_config):
    return create_app(make_config(dev=True))


@pytest.fixture
def dev(dev_app):
    return dev_app.test_client()


@pytest.fixture
def page(dev):
    return Page(dev.get("/playground").text)


@pytest.mark.parametrize("path", ["/playground", "/playground/main.js", "/playground/token"])
def test_it_is_for_development_only(client, dev, path):
    assert client.get(path).status_code == 404
    with dev.get(path, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
        assert answer.status_code == 200


def test_policy_allows_what_the_page_loads_and_nothing_else(dev, page):
    answer = dev.get("/playground")
    policy = answer.headers["Content-Security-Policy"]
    style = page_parts.source(re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)[1])
    assert dict(part.split(" ", 1) for part in policy.split("; ")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"{style} 'self'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert [script.get("src") for script in scripts] == [None, "playground/main.js"]
    assert scripts[0]["type"] == "application/json"  # data: nothing of it runs
    assert page.count("style") == 1
    assert page.count("iframe") == page.count("img") == 0
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.attributes("style") == []


def test_each_file_is_used_and_served_as_what_it_is(dev, page):
    linked = {attributes["href"] for tag, attributes in page.tags if tag == "link" and "href" in attributes}
    assert linked == {"data:,", *(f"playground/{style.name}" for style in STYLES)}
    imported = {"main.js"} | {
        name for script in SCRIPTS for name in re.findall(r'from "\./([\w.]+)"', script.read_text())
    }
    assert imported == {script.name for script in SCRIPTS}
    for file in (*SCRIPTS, *STYLES):
        with dev.get(f"/playground/{file.name}") as answer:
            assert (answer.status_code, answer.text) == (200, file.read_text())
            assert answer.mimetype in {"text/javascript", "application/javascript", "text/css"}


@pytest.mark.parametrize(
    "path", ["/playground/../playground.py", "/playground/%2e%2e/x", "/playground/no.js"]
)
def test_no_other_file_is_served(dev, path):
    assert dev.get(path).status_code == 404


@pytest.mark.parametrize("file", [*SCRIPTS, *STYLES], ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere_and_no_answer_becomes_markup(file):
    text = file.read_text()
    refused = (r"https?://", r"@import", r"\burl\(", "innerHTML", "outerHTML", "insertAdjacent", r"\beval\b")
    assert not [word for word in (*refused, r"document\.write", r"\.style\b") if re.search(word, text)]
    assert len(text.splitlines()) <= 400


def test_page_links_to_this_server_only(page):
    assert all(not re.match(r"[a-z]+:(?!,$)|//", link) for link in page.attributes("href"))


def test_page_is_well_formed(page):
    assert page.open == []
    assert [name for name, times in Counter(page.attributes("id")).items() if times > 1] == []


def test_what_refers_to_an_element_finds_one(page):
    ids = set(page.attributes("id"))
    for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        assert set(page.attributes(name)) <= ids, name
    assert {link[1:] for link in page.attributes("href") if link.startswith("#")} <= ids
    named = {
        name
        for script in SCRIPTS
        for name in re.findall(r'(?:byId|onPress|onSend|tell)\(\s*"([\w-]+)"', script.read_text())
    }
    mailbox = {"mailbox-link", "passcode-fetch", "address-fetch"}  # where there is one
    providers = {"providers-result", "step-providers", "saml-form", "domain"}  # where there are some
    assert named - mailbox - providers <= ids
    assert named


def test_page_can_be_walked_by_keyboard_and_screen_reader(page):
    assert ("html", {"lang": "en"}) in page.tags
    assert page.count("main") == page.count("nav") == page.count("h1") == page.count("title") == 1
    labelled = set(page.attributes("for"))
    controls = [attributes for tag, attributes in page.tags if tag in {"input", "textarea", "select"}]
    assert controls
    assert all(each["id"] in labelled or each.get("aria-label") for each in controls)
    assert all(attributes.get("type") for tag, attributes in page.tags if tag == "button")
    results = [attributes for _, attributes in page.tags if attributes.get("class") == "result"]
    assert len(results) == sum(attributes.get("class") == "step" for _, attributes in page.tags)
    assert {each["role"] for each in results} == {"status"}
    assert not [index for index in page.attributes("tabindex") if int(index) > 0]


def test_page_fits_phones_the_dark_and_those_whom_motion_harms(page):
    style = page_parts.read("hanko_compat.web", "page.css")
    style += "\n".join(style.read_text() for style in STYLES)
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [a for _, a in page.tags]
    assert "prefers-color-scheme: dark" in style
    still, _, _ = style.partition("@media (prefers-reduced-motion: no-preference)")
    assert "transition" not in still
    assert "animation" not in style


def test_each_endpoint_of_the_page_is_served_or_comes_later(dev_app, page):
    served = {
        f"{method} {ARGUMENT.sub('{id}', rule.rule)}"
        for rule in dev_app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    called = {each for script in SCRIPTS for each in ENDPOINT.findall(script.read_text())}
    called |= set(page.attributes("data-needs"))
    assert {"POST /users", "GET /me", "POST /logout", "DELETE /user"} <= called
    assert {each for each in called - served if not LATER.search(each)} == set()


def test_page_knows_what_is_served(dev, dev_app):
    text = dev.get("/playground").text
    served = json.loads(re.search(r'<script type="application/json" id="served">(.*?)</script>', text)[1])
    assert {"POST /users", "GET /users/{id}", "GET /sessions/validate", "POST /sessions/validate"} <= set(
        served
    )
    assert not [each for each in served if each.startswith(("HEAD", "OPTIONS"))]


@pytest.fixture
def alone(make_config):
    """An application that has the page and nothing else: ``alone({...})``."""

    def make(changes=None):
        app = Flask(__name__)
        app.register_blueprint(playground(make_config(changes, dev=True)))
        return app

    return make


def test_name_of_the_service_is_escaped(alone):
    text = alone({"service.name": "<b>&"}).test_client().get("/playground").text
    assert "<title>Playground: &lt;b&gt;&amp;</title>" in text
    assert "<b>" not in text


@pytest.mark.parametrize("view", ["documents.docs", "mailbox.mails"])
def test_page_leads_to_the_pages_there_are(alone, view):
    links = {"documents.docs": "./docs", "mailbox.mails": "./dev/mailbox"}
    app = alone()
    app.add_url_rule("/somewhere", endpoint=view, view_func=str)
    found = Page(app.test_client().get("/playground").text).attributes("href")
    assert set(found) & set(links.values()) == {links[view]}


def test_providers_that_are_enabled_have_buttons(alone, page):
    ids = {"step-providers", "saml-form", "provider-google", "provider-custom_main", "provider-custom_dark"}
    assert ids & set(page.attributes("id")) == set()
    custom = {"main": {"enabled": True, "display_name": "<b>Main"}, "dark": {"display_name": "Dark"}}
    changes = {"third_party.providers.google.enabled": True, "third_party.custom_providers": custom}
    text = alone(changes).test_client().get("/playground").text
    found = Page(text)
    assert found.open == []
    assert ids & set(found.attributes("id")) == {"step-providers", "provider-google", "provider-custom_main"}
    assert "Log in with &lt;b&gt;Main" in text


def test_a_company_has_a_field(alone):
    found = Page(alone({"saml.enabled": True}).test_client().get("/playground").text)
    assert {"step-providers", "saml-form", "domain"} <= set(found.attributes("id"))
    assert not any(name.startswith("provider-") for name in found.attributes("id"))


def test_page_is_told_the_token_of_the_session_cookie(make_config):
    client = create_app(make_config({"session.cookie.name": "sid"}, dev=True)).test_client()
    same_origin = {"Sec-Fetch-Site": "same-origin"}
    assert client.get("/playground/token", headers=same_origin).json == {"token": None}
    client.set_cookie("sid", "the-token")
    answer = client.get("/playground/token", headers=same_origin)
    assert answer.json == {"token": "the-token"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_no_other_origin_is_told_the_token(dev, site):
    dev.set_cookie("hanko", "the-token")
    answer = dev.get("/playground/token", headers={"Sec-Fetch-Site": site} if site else {})
    assert answer.status_code == 403
    assert "the-token" not in answer.text


def test_the_command_that_the_page_names_allows_deletion():
    (command,) = re.findall(r'"([\w=]+ make run)"', (FILES / "main.js").read_text())
    name, _, value = command.removesuffix(" make run").partition("=")
    assert not from_mapping({}, environ={}, dev=True).account.allow_deletion
    assert from_mapping({}, environ={name: value}, dev=True).account.allow_deletion
