"""The frame that all pages share: the header, the way back, and the policy."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hanko_compat import wiring
from hanko_compat.app import create_app
from hanko_compat.web import page_parts
from hanko_compat.web.pages import root_of
from tests.web.test_documents import Page

PATHS = {"/playground": "Playground", "/docs": "API reference", "/dev/mailbox": "Mailbox", "/": "Status"}


@pytest.fixture
def dev(
    make_config: Callable, clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """A caller of ``serve --dev``, with a mailbox."""
    monkeypatch.chdir(tmp_path)
    config = make_config({"service.name": "Alice & Bob"}, dev=True)
    services = wiring.build(config, now=clock)
    yield create_app(config, now=clock, services=services).test_client()
    services.database.close_all()


def header(text: str) -> str:
    return re.search('<header class="top">.*?</header>', text, re.DOTALL)[0]


@pytest.mark.parametrize(("path", "title"), PATHS.items())
def test_each_page_leads_to_all_and_marks_itself(dev: FlaskClient, path: str, title: str) -> None:
    text = dev.get(path).text
    page = Page(header(text))
    links = [attributes for tag, attributes in page.tags if tag == "a"]
    for link, target in zip(links, PATHS, strict=True):
        steps = Path(path).parent / link["href"]
        assert steps.resolve() == Path(target), link
        assert dev.get(target).status_code == 200
    assert ("nav", {"aria-label": "Pages of this server"}) in page.tags
    assert [PATHS[target] for link, target in zip(links, PATHS, strict=True) if "aria-current" in link] == [
        title
    ]
    assert "<strong>Alice &amp; Bob</strong>" in header(text)
    assert f">{title}</a>" in header(text)


def test_the_header_is_the_same_on_all_pages(dev: FlaskClient) -> None:
    where = re.compile(r' aria-current="page"|href="[./]*')
    assert len({where.sub("", header(dev.get(path).text)) for path in PATHS}) == 1
    styles = [re.search("<style>(.*)</style>", dev.get(path).text, re.DOTALL)[1] for path in PATHS]
    shared = page_parts.read("hanko_compat.web", "page.css")
    assert all(style.startswith(shared) for style in styles)


@pytest.mark.parametrize("path", PATHS)
def test_the_policy_names_what_a_page_has_inside_itself(dev: FlaskClient, path: str) -> None:
    answer = dev.get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "data:"  # the empty icon
    assert "unsafe" not in str(policy)
    for element, directive in (("style", "style-src"), ('script type="module"', "script-src")):
        for inside in re.findall(f"<{element}>(.*?)</", answer.text, re.DOTALL):
            assert page_parts.source(inside) in policy[directive]


@pytest.mark.parametrize("path", PATHS)
def test_each_page_is_well_formed_and_can_be_skipped_into(dev: FlaskClient, path: str) -> None:
    page = Page(dev.get(path).text)
    assert page.open == []
    ids = page.attributes("id")
    assert len(ids) == len(set(ids))
    (first, *_) = [attributes for tag, attributes in page.tags if tag == "a"]
    assert first["class"] == "skip"
    assert first["href"].removeprefix("#") in ids
    assert page.count("main") == page.count("h1") == page.count("title") == 1


def test_the_page_of_the_other_door_leads_back_unless_it_has_an_address_of_its_own(
    make_config: Callable,
) -> None:
    def links(changes: dict) -> list[str]:
        app = create_app(make_config(changes, dev=True))
        with app.test_request_context("/v2/docs"):
            page = app.view_functions["backend_documents.docs"]()
        return re.findall('href="([^"]*)"', header(page.get_data(as_text=True)))

    assert links({}) == ["../playground", "../docs", "../dev/mailbox", "../"]
    assert links({"hanko_compat.backend_api.bind": "127.0.0.1:9000"}) == []


@pytest.mark.parametrize(
    ("path", "mount", "root"),
    [
        ("/", "/", "./"),
        ("/docs", "/", "./"),
        ("/v2/docs", "/", "../"),
        ("/dev/mailbox", "/auth", "../"),
        ("/a/b/c", "/", "../../"),
        ("", "/auth", "auth/"),
        ("", "/shop/auth", "auth/"),
    ],
)
def test_where_the_paths_of_the_server_begin(path: str, mount: str, root: str) -> None:
    assert root_of(path, mount=mount) == root
