"""A page as a reader sees it: verdicts, figures and tables, out of its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

_VOID = {"meta", "link", "br", "img", "wbr"}


@dataclass
class Seen:
    """What stands on a page. `tables` are by the id of their block: lines of texts, the heading first.

    `since` says below each figure of which time it is, and how it compares.
    """

    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    figures: dict[str, list[str]] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    news: dict[str, str] = field(default_factory=dict)
    verdicts: list[str] = field(default_factory=list)
    drawings: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._open: list[tuple[str, str, str]] = []
        self._texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            return
        self._open.append((tag, named.get("class", ""), named.get("id", "")))
        if tag == "tr" and (block := self._block()):
            self.seen.tables.setdefault(block, []).append([])
        if tag == "svg":
            self.seen.drawings += 1
        if tag in ("td", "th", "h3", "dt", "dd", "p"):
            self._texts = []

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._texts).split())
        block, classes = self._block(), self._classes()
        if tag in ("td", "th") and block:
            self.seen.tables[block][-1].append(text)
        elif "figure" in classes and tag == "h3":
            self.seen.figures[text] = []
        elif "figure" in classes and (tag == "dd" or (tag == "p" and "value" in classes)):
            self.seen.figures[[*self.seen.figures][-1]].append(text)
        elif "since" in classes and tag == "p":
            self.seen.since[[*self.seen.figures][-1]] = text
        elif "news" in classes and tag == "dt":
            self.seen.news[text] = ""
        elif "news" in classes and tag == "dd":
            self.seen.news[[*self.seen.news][-1]] = text
        elif "past" in classes and tag == "p":
            self.seen.verdicts[-1] += f" {text}"
        elif "verdict" in classes and tag == "p":
            self.seen.verdicts.append(text)
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(tag in ("svg", "style") for tag, _, _ in self._open):
            self._texts.append(data)

    def _block(self) -> str:
        return next((name for _, classes, name in self._open if "block" in classes.split()), "")

    def _classes(self) -> set[str]:
        return {word for _, classes, _ in self._open for word in classes.split()}


def read(page: Path) -> Seen:
    """Read a page's file."""
    reader = _Reader()
    reader.feed(page.read_text())
    return reader.seen
