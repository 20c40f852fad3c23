"""The site's pages: one look and one navigation around guides, the data dictionary, metrics and lineage."""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from tools.project import ROOT

SECTIONS = (
    ("index.html", "Home"),
    ("find.html", "Find"),
    ("guides/index.html", "Guides"),
    ("pictures.html", "Pictures"),
    ("metrics.html", "Metrics"),
    ("lineage.html", "Lineage"),
    ("guides/glossary.html", "Glossary"),
    ("warehouse.html", "dbt's documentation"),
)
HERE = Path(__file__).parent
_LINK = re.compile(r"^(?!https?:|#|mailto:)([^#]*)(#.*)?$")
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


class Site:
    """A folder of pages. `marts` has the area of each mart, by its name."""

    def __init__(self, folder: Path, marts: Mapping[str, str]) -> None:
        self.folder, self.marts = folder, marts
        loader = jinja2.FileSystemLoader(HERE)
        self._templates = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined
        )
        self.style = (ROOT / "pages" / "page.css").read_text() + (HERE / "site.css").read_text()

    def write(
        self,
        place: str,
        title: str,
        body: str,
        here: str = "",
        styles: Iterable[str] = (),
        script: str = "",
    ) -> None:
        """Write one page below the folder, with the navigation around `body`, which is HTML.

        `styles` and `script` are the texts of the style elements and of the script in it, which the page then allows.
        """
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            self._templates.get_template("site.html.j2").render(
                title=title,
                body=body,
                style=self.style,
                script_hash=_hash_of(script) if script else "",
                style_hashes=[_hash_of(style) for style in (self.style, *styles)],
                sections=SECTIONS,
                here=here or place,
                up="../" * place.count("/"),
            )
        )

    def home(self, **words: Any) -> None:
        """Write the first page."""
        self.write("index.html", "Home", self._templates.get_template("home.html.j2").render(words))

    def guide(self, path: Path) -> str:
        """Write a page of docs/ as HTML; returns its title."""
        place = path.relative_to(HERE).with_suffix(".html").as_posix()
        text = path.read_text()
        up = "../" * (place.count("/") + 1)
        body = self._markdown(text, up, HERE / path.relative_to(HERE).parent)
        heading = _HEADING.search(text)
        title = heading[1] if heading else path.stem
        self.write(f"guides/{place}", title, f"<article class='prose'>{body}</article>")
        return title

    def prose(self, text: str, up: str = "") -> str:
        """A description as HTML; `up` leads to the site's first page."""
        return self._markdown(text, up, HERE)

    def _markdown(self, text: str, up: str, folder: Path) -> str:
        return str(self._parser.render(text, {"up": up, "folder": folder, "site": self}))

    @cached_property
    def _parser(self) -> MarkdownIt:
        parser = MarkdownIt("commonmark", {"html": False}).enable("table")
        parser.add_render_rule("link_open", _link)
        parser.add_render_rule("code_inline", _code)
        parser.add_render_rule("heading_open", _heading)
        parser.add_render_rule("image", _image)
        return parser


def _hash_of(text: str) -> str:
    """How a page names a style or script that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _link(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: dict[str, Any]
) -> str:
    """A link to a page of docs/ leads to its page of the site; one to a file of the project is shown as it is."""
    token = tokens[at]
    found = _LINK.match(str(token.attrGet("href")))
    if found and found[1]:
        path = (env["folder"] / found[1]).resolve()
        if path.suffix == ".md" and path.is_relative_to(HERE):
            place = path.relative_to(HERE).with_suffix(".html").as_posix()
            token.attrSet("href", f"{env['up']}guides/{place}{found[2] or ''}")
        else:
            token.attrs = {"title": found[1]}
    return self.renderToken(tokens, at, options, env)


def _code(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: dict[str, Any]
) -> str:
    """The name of a mart leads to its entry in the dictionary."""
    text = tokens[at].content
    name = text.rpartition(".")[2]
    code = f"<code>{breakable(text)}</code>"
    area = env["site"].marts.get(name)
    known = area and text in (name, f"{area}.{name}")
    return f'<a href="{env["up"]}areas/{area}.html#{name}">{code}</a>' if known else code


def _heading(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: dict[str, Any]
) -> str:
    """Headings have the ids that GitHub gives them, so that links into a guide lead there."""
    words = re.sub(r"[^\w\- ]", "", tokens[at + 1].content.lower()).replace(" ", "-")
    tokens[at].attrSet("id", words)
    return self.renderToken(tokens, at, options, env)


def _image(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: dict[str, Any]
) -> str:
    return html.escape(tokens[at].content)


def breakable(text: str) -> str:
    """A text as HTML, whose names may be broken after a point or an underscore."""
    return html.escape(text).replace("_", "_<wbr>").replace(".", ".<wbr>")


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; the first of each line is its heading."""
    heads = "".join(f"<th scope='col'>{html.escape(one)}</th>" for one in head)
    # on a phone such a table becomes a list, with a heading before each cell (pages/page.css)
    is_broad = len(head) > 2
    of = [f" data-of='{html.escape(one)}'" if is_broad else "" for one in head[1:]]
    body = "".join(
        f"<tr><th scope='row'>{first}</th>"
        f"{''.join(f'<td{name}>{cell}</td>' for name, cell in zip(of, rest, strict=True))}</tr>"
        for first, *rest in lines
    )
    broad = " class='broad'" if is_broad else ""
    return (
        f"<div class='scroll'><table{broad}><thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )
