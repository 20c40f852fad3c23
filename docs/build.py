"""Builds the warehouse's documentation into site/: `make docs`.

Three things, all from the dbt project as it stands, none from the network:

- warehouse.html: dbt's own pages (descriptions, columns, tests, SQL, lineage graph) in one file
- <area>.html and <area>.md: the entities of an area of marts, drawn, and as a mermaid diagram
- index.html: what there is
"""

import html
import shutil
import subprocess
import sys
from pathlib import Path

from docs.diagram import Diagram
from tests.project import ROOT, dbt

SITE = ROOT / "site"
WORK = ROOT / ".cache" / "docs"
DEMO = ROOT / ".demo" / "warehouse.duckdb"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem;
       color: #1c2733; }
h1 { font-size: 1.6rem; } a { color: #0b5cad; } dt { font-weight: 600; margin-top: .8rem; }
dd { margin: 0; color: #46545f; } svg { max-width: 100%; height: auto; }
"""


def areas() -> dict[str, set[str]]:
    """The areas of marts, by name, each with the names of its models."""
    folders = sorted(path for path in (ROOT / "models" / "marts").iterdir() if path.is_dir())
    return {folder.name: {path.stem for path in folder.glob("*.sql")} for folder in folders}


def warehouse_pages() -> None:
    """Write site/warehouse.html; sizes and types come from the demo's warehouse if there is one."""
    words = ["docs", "generate", "--quiet", "--static", "--no-populate-cache"]
    catalogue = [] if DEMO.exists() else ["--empty-catalog"]
    dbt([*words, *catalogue], "duckdb", WORK, warehouse=DEMO if DEMO.exists() else None)
    shutil.copyfile(WORK / "target" / "static_index.html", SITE / "warehouse.html")


def diagram() -> Diagram:
    """All marts and how they refer to each other, as dbterd reads the tests of relationships."""
    into = WORK / "diagrams"
    into.mkdir(parents=True, exist_ok=True)
    dbterd = [str(Path(sys.executable).with_name("dbterd")), "run", "--target", "mermaid"]
    dbterd += ["--artifacts-dir", str(WORK / "target"), "--output", str(into)]
    dbterd += ["--output-file-name", "marts.mmd", "--entity-name-format", "table"]
    for area in areas():
        dbterd += ["--select", f"schema:{area}"]
    subprocess.run(dbterd, cwd=ROOT, check=True, capture_output=True)
    return Diagram.parse((into / "marts.mmd").read_text())


def page(title: str, body: str) -> str:
    """A whole HTML page, with nothing fetched from elsewhere."""
    head = f"<meta charset='utf-8'><title>{html.escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>\n"


def area_pages(area: str, found: Diagram) -> None:
    """Write site/<area>.html and site/<area>.md."""
    (SITE / f"{area}.md").write_text(f"# {area}\n\n```mermaid\n{found.mermaid()}\n```\n")
    body = f"<p><a href='index.html'>All areas</a></p><h1>{area}</h1>{found.svg()}"
    (SITE / f"{area}.html").write_text(page(f"Landfall: {area}", body))


def index() -> str:
    """The first page."""
    entries = "".join(
        f"<dt><a href='{area}.html'>{area}</a></dt><dd>{len(models)} models, drawn; "
        f"<a href='{area}.md'>as mermaid</a></dd>"
        for area, models in areas().items()
    )
    return page(
        "Landfall: the warehouse",
        "<h1>The warehouse</h1><dl>"
        "<dt><a href='warehouse.html'>Models, columns, tests and lineage</a></dt>"
        "<dd>dbt's documentation; the graph is behind the round button at the lower right</dd>"
        f"</dl><h2>Areas of marts</h2><dl>{entries}</dl>",
    )


def main() -> None:
    """Build everything anew."""
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir()
    warehouse_pages()
    marts = diagram()
    for area, models in areas().items():
        area_pages(area, marts.around(models))
    (SITE / "index.html").write_text(index())
    sys.stdout.write("site/index.html: the warehouse's documentation\n")


if __name__ == "__main__":
    main()
