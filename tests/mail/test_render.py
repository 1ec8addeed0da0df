"""Every mail in every language, against what it said when somebody last read it; and others' templates."""

import os
from pathlib import Path

import pytest

from hanko_compat.errors.delivery import MailTemplateInvalid
from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.mail.render import KINDS, NOTICES, SAMPLES, Renderer

GOLDEN = Path(__file__).parents[1] / "data" / "mails"
PASSCODE = SAMPLES["passcode"]
WITH_LINK = {"challenge_link", "guessing_link"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def render(folder: Path | None = None, *, kind: str = "passcode", language: str = "en", **values: str):
    renderer = Renderer(service="Caf\u00e9 & Co", templates=folder)
    return renderer.render(kind, language, SAMPLES[kind] | values)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_mails_say_what_they_said(kind: str, language: str) -> None:
    """WRITE_MAILS=1 writes the files anew: read them before you keep them."""
    rendered = render(kind=kind, language=language)
    written = f"Subject: {rendered.subject}\n\n{rendered.text}\n{rendered.html}"
    file = GOLDEN / f"{kind}.{language}.txt"
    if os.environ.get("WRITE_MAILS"):
        file.write_text(written, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_passcode_mails_have_code_minutes_and_service(language: str) -> None:
    rendered = render(language=language, minutes="17")
    assert all("123456" in part for part in (rendered.subject, rendered.text, rendered.html))
    assert all("17" in part for part in (rendered.text, rendered.html))
    assert "Caf\u00e9 & Co" in rendered.subject
    assert "123456" in rendered.text.splitlines()


def test_plain_parts_are_not_escaped_and_pages_are() -> None:
    rendered = render(language="fr")
    assert "vous n'avez" not in rendered.html
    assert "l'avez" in rendered.text
    assert "Caf\u00e9 &amp; Co" in rendered.html


@pytest.mark.parametrize("kind", NOTICES)
def test_no_value_gets_into_a_page_as_html(kind: str) -> None:
    rendered = render(kind=kind, address="<script>alert(1)</script>\"'&", time="<b>")
    assert "<script>" not in rendered.html
    assert "<b>" not in rendered.html


def test_values_are_no_templates() -> None:
    rendered = render(kind="email_create", address="{{ 7 * 7 }}{service}{code.__class__}")
    assert "{{ 7 * 7 }}{service}{code.__class__}" in rendered.text


def test_pages_load_nothing_and_lead_nowhere() -> None:
    for kind in {*KINDS} - WITH_LINK:
        page = render(kind=kind).html
        assert not [word for word in ("http:", "https:", "src=", "href=", "<script", "url(") if word in page]


@pytest.mark.parametrize("kind", sorted(WITH_LINK))
def test_a_link_is_all_that_its_page_leads_to(kind: str) -> None:
    link = 'https://app.example.com/a?b=1&c="><script>'
    page = render(kind=kind, link=link).html
    escaped = "https://app.example.com/a?b=1&amp;c=&#34;&gt;&lt;script&gt;"
    assert f'<a href="{escaped}">{escaped}</a>' in page
    assert page.count("http") == 2
    assert link in render(kind=kind, link=link).text.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "secret"), [("challenge", "123456"), ("challenge_link", "https://www.")])
def test_challenges_have_secret_minutes_and_service(kind: str, secret: str, language: str) -> None:
    rendered = render(kind=kind, language=language, minutes="17")
    assert all(secret in part and "17" in part for part in (rendered.text, rendered.html))
    assert "Caf\u00e9 & Co" in rendered.subject


def test_own_templates_count_before_ours(folder: Path) -> None:
    (folder / "passcode.txt").write_text("Code {{ code }} of {{ service }}, {{ minutes }} min\n")
    (folder / "passcode.de.txt").write_text("{{ text('passcode', 'ask') }} {{ code }}\n")
    (folder / "passcode.subject.txt").write_text("\n{{ service }}:\n {{ code }}\n")
    (folder / "layout.html").write_text("<main>{% block content %}{% endblock %}</main>")
    assert render(folder).text == "Code 123456 of Caf\u00e9 & Co, 5 min"
    assert render(folder, language="de").text.startswith("Geben Sie")
    assert render(folder).subject == "Caf\u00e9 & Co: 123456"
    assert render(folder).html.startswith("<main>")
    assert render(folder, kind="email_create").subject.startswith("New e-mail address")
    Renderer(service="S", templates=folder).check()


def test_one_template_may_serve_all_notices(folder: Path) -> None:
    (folder / "notice.txt").write_text("{{ kind }}: {{ text(kind, 'body') }}")
    (folder / "password_update.txt").write_text("Changed at {{ time }}")
    assert render(folder, kind="email_delete").text.startswith("email_delete: The address")
    assert render(folder, kind="password_update").text == "Changed at 2026-01-31 12:34"


def test_own_pages_are_escaped_too(folder: Path) -> None:
    (folder / "email_create.html").write_text("<p>{{ address }}</p>")
    assert render(folder, kind="email_create", address="<i>").html == "<p>&lt;i&gt;</p>"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("passcode.txt", "{{ code", "passcode.txt, line 1"),
        ("passcode.html", "{{ code }}\n{% if %}", "passcode.html, line 2"),
        ("passcode.txt", "{{ cod }}", "'cod' is undefined"),
        ("passcode.txt", "Hello", "text part of passcode (en) lacks the passcode"),
        ("passcode.nl.html", "Hello", "html part of passcode (nl) lacks the passcode"),
        ("challenge.txt", "Hello", "text part of challenge (en) lacks the passcode: write {{ code }}"),
        ("challenge_link.html", "Hello", "html part of challenge_link (en) lacks the link: write {{ link }}"),
        ("notice.txt", "{{ 1 / 0 }}", "ZeroDivisionError"),
        ("notice.txt", "{{ text('notice', 'nothing') }}", "KeyError"),
        ("notice.html", "{% include '_missing.html' %}", "_missing.html"),
        ("notice.html", "{% include '../secret.html' %}", "secret.html"),
        ("notice.txt", "{{ kind.__class__.__mro__ }}", "unsafe"),
        ("passcod.html", "{{ code }}", "no mail is made from passcod.html"),
        ("passcode.sv.txt", "{{ code }}", "no mail is made from passcode.sv.txt"),
    ],
)
def test_broken_templates_are_named(folder: Path, name: str, content: str, words: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(MailTemplateInvalid) as caught:
        Renderer(service="S", templates=folder).check()
    assert words in str(caught.value)
    assert str(caught.value).startswith("hanko_compat.mail.templates: ")


def test_a_template_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "notice.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(MailTemplateInvalid, match="UnicodeDecodeError"):
        Renderer(service="S", templates=folder).check()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MailTemplateInvalid, match="nowhere is no folder"):
        Renderer(service="S", templates=tmp_path / "nowhere").check()


def test_files_for_others_are_left_alone(folder: Path) -> None:
    (folder / "_footer.txt").write_text("Bye")
    (folder / "README.md").write_text("Ours")
    (folder / "notice.txt").write_text("{{ text(kind, 'body') }} {% include '_footer.txt' %}")
    Renderer(service="S", templates=folder).check()
    assert render(folder, kind="password_update").text.endswith("Bye")
