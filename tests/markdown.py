"""The project's pages, read as far as tests need it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TAG = re.compile(r'<[a-z][^>]* (?:src|srcset|href)="([^"]+)"')
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return FENCE.sub("", self.text)

    def links(self) -> list[str]:
        """Where its links and pictures lead, those of HTML too."""
        return LINK.findall(self.prose) + TAG.findall(self.prose)

    def anchors(self) -> set[str]:
        """What its headings are called in links, as GitHub does it."""
        headings = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(self.prose))
        return {heading.strip().replace(" ", "-") for heading in headings}

    def codes(self) -> list[str]:
        """What stands in back-quotes in the running text."""
        return CODE.findall(self.prose)

    def blocks(self, language: str) -> list[str]:
        """The blocks of code of a *language*: what stands behind the fence."""
        return [body for _, label, body in FENCE.findall(self.text) if label == language]

    def commands(self) -> Iterator[str]:
        """Every line of a block, and every code in the text: what a reader may copy."""
        for _, _, body in FENCE.findall(self.text):
            yield from body.splitlines()
        yield from self.codes()


def pages() -> list[Page]:
    """Every page, in the order of their names."""
    folders = (ROOT, ROOT / "docs", ROOT / "deploy", ROOT / "benchmarks")
    return [Page(path) for folder in folders for path in sorted(folder.glob("*.md"))]


def page(name: str) -> Page:
    return Page(ROOT / name)
