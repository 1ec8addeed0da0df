import itertools
import re
from html.parser import HTMLParser

import pytest
from flask import Flask

from hanko_compat.web import page_parts
from hanko_compat.web.documents import documents, with_code
from tests.web.test_reference import DOCUMENT

SERVED = {
    **DOCUMENT,
    "info": {"title": "Pets & <friends>", "version": "7", "description": "One ``two``.\n\nThree."},
    "servers": [{"url": "https://pets.example"}],
}
VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """A page as its tags: they have to be nested rightly."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def attributes(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    def count(self, wanted):
        return sum(tag == wanted for tag, _ in self.tags)


@pytest.fixture
def client():
    app = Flask(__name__)
    app.register_blueprint(documents(lambda: SERVED, service_name="Example"))
    return app.test_client()


@pytest.fixture
def page(client):
    return Page(client.get("/docs").text)


def test_document_is_served_as_it_is(client):
    answer = client.get("/openapi.json")
    assert answer.content_type == "application/json"
    assert answer.json == SERVED


def test_document_is_made_once_and_only_when_asked_for():
    calls = []
    app = Flask(__name__)
    app.register_blueprint(documents(lambda: calls.append(1) or SERVED, service_name="Example"))
    assert calls == []
    for path in ("/docs", "/openapi.json", "/docs"):
        assert app.test_client().get(path).status_code == 200
    assert calls == [1]


def test_page_is_well_formed(page):
    assert page.open == []
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))


def test_page_can_be_walked_by_keyboard_and_screen_reader(page):
    assert ("html", {"lang": "en"}) in page.tags
    assert page.count("main") == page.count("h1") == page.count("title") == 1
    assert page.count("nav") == 2
    targets = [link[1:] for link in page.attributes("href") if link.startswith("#")]
    assert targets[:2] == ["operations", "list"]  # the skip links come first
    assert set(targets) <= set(page.attributes("id"))
    assert {"status", "poke", "replacePet"} <= set(targets)
    assert page.count("table") == page.count("caption")
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
    headings = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


def test_page_loads_nothing(client, page):
    answer = client.get("/docs")
    style = re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)[1]
    script = re.search(r'<script type="module">(.*)</script>', answer.text, re.DOTALL)[1]
    assert dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")) == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": page_parts.source(style),
        "script-src": page_parts.source(script),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert "url(" not in style
    assert "@import" not in style
    assert page.count("img") == page.count("iframe") == len(page.attributes("src")) == 0
    assert [link for link in page.attributes("href") if not link.startswith("#")] == [
        "data:,",
        "./docs",
        "openapi.json",
    ]


def test_page_fits_phones_and_the_dark(client, page):
    answer = client.get("/docs")
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [a for _, a in page.tags]
    assert "prefers-color-scheme: dark" in answer.text
    assert "color-scheme: light dark" in answer.text


def test_text_is_escaped(client):
    answer = client.get("/docs")
    assert "<title>Pets &amp; &lt;friends&gt;" in answer.text
    assert "<p>One <code>two</code>.</p>" in answer.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("a ``b`` c ``d``", "a <code>b</code> c <code>d</code>"),
        ('<b> ``<i>`` & "x"', "&lt;b&gt; <code>&lt;i&gt;</code> &amp; &#34;x&#34;"),
        ("``unclosed", "``unclosed"),
    ],
)
def test_with_code(text, html):
    assert with_code(text) == html
