"""Builds the documentation's home into site/: `make docs`. Nothing is fetched, and every page opens from disk.

- index.html: what there is, and whether the figures may be used
- report/: the pages for people, as the demo's run made them, if there is a demo
- areas/<area>.html: the area's tables, drawn and with every column
- find.html: every table, column, metric and term, to be searched
- pictures.html: from a visit to its bill, and the account on AWS
- lineage.html, lineage/<area>.html: from each column of a mart back to the sources' columns
- guides/: guides, decisions and the glossary; metrics.html
- warehouse.html: dbt's own pages (descriptions, columns, tests, SQL, lineage graph) in one file
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from docs.contents import Contents
from docs.diagram import Picture, drawn, pictures
from docs.entities import Entities
from docs.find import find_page, of_pages
from docs.site import HERE, Site
from docs.systems import account
from ingestion.pages import Page, read_pages
from samples.demo import VERDICT
from tools.project import ROOT, dbt
from tools.template import RESOURCES

SITE = ROOT / "site"
WORK = ROOT / ".cache" / "docs"
LEGEND = (
    "<p class='legend'>Facts are blue, dimensions green, what answers questions purple. A line leads from a key to the "
    "row it refers to; at its ends a bar is one row, a circle perhaps none, a crow's foot many: a durable key refers "
    "to all versions of a row. A dashed line leads from a table to what it is made of. Each box leads to "
    "its columns.</p>"
)
DEMO = ROOT / ".demo" / "warehouse.duckdb"
NAVIGATION = '<nav aria-label="Pages">'
HOMEWARD = (
    '<a href="../index.html">Home</a> <a href="../guides/glossary.html">Glossary</a> '
    '<a href="../guides/guides/billing_definitions.html">Billing definitions</a>'
)
"""The links from a page of the report back into the site."""


def areas() -> dict[str, set[str]]:
    """The areas of marts, by name, each with the names of its models."""
    folders = sorted(path for path in (ROOT / "models" / "marts").iterdir() if path.is_dir())
    return {folder.name: {path.stem for path in folder.rglob("*.sql")} for folder in folders}


def warehouse_pages() -> None:
    """Write site/warehouse.html; sizes and types come from the demo's warehouse if there is one."""
    words = ["docs", "generate", "--quiet", "--static", "--no-populate-cache"]
    catalogue = [] if DEMO.exists() else ["--empty-catalog"]
    dbt([*words, *catalogue], "duckdb", WORK, warehouse=DEMO if DEMO.exists() else None)
    shutil.copyfile(WORK / "target" / "static_index.html", SITE / "warehouse.html")


def verdicts(demo: Path) -> list[tuple[str, str, str]]:
    """Area, verdict and day, as the demo's warehouse says; none without one."""
    if not demo.exists():
        return []
    with duckdb.connect(str(demo), read_only=True) as warehouse:
        found = warehouse.execute(
            f"select area, {VERDICT}, coalesce(cast(as_of_date as varchar), '')"
            " from operations.figures_status order by area"
        )
        return [(str(area), str(verdict), str(day)) for area, verdict, day in found.fetchall()]


def report(folder: Path, demo: Path) -> list[Page]:
    """Copy the demo's pages into `folder`, with links to the site's home and definitions; returns their titles."""
    made = demo.with_name("report")
    if not (made / "index.html").exists():
        return []
    shutil.copytree(made, folder / "report")
    pages = read_pages(ROOT)
    for page in pages:
        path = folder / "report" / f"{page.name}.html"
        path.write_text(path.read_text().replace(NAVIGATION, NAVIGATION + HOMEWARD, 1))
    return pages


def area_page(contents: Contents, area: str, entities: Entities) -> None:
    """Write site/areas/<area>.html."""
    drawings = [*pictures(entities, area)]
    shown = "".join(picture_of(one, "wide") for one in drawings)
    body = (
        f"<header><h1>{area}</h1><p>{contents.areas[area]}</p></header>{contents.overview(area)}"
        f"<details><summary>How they refer to each other</summary>{LEGEND}{shown}</details>"
        f"{contents.dictionary(area)}"
    )
    styles = [style for one in drawings for style in one.styles]
    contents.site.write(f"areas/{area}.html", area, body, styles=styles)


def picture_of(drawing: Picture, shape: str) -> str:
    """A drawing with its title; `shape` is the sheet that it is printed on, wide or tall."""
    return (
        f"<figure class='picture {shape}'><figcaption>{drawing.title}</figcaption>{drawing.svg}"
        "</figure>"
    )


def systems_page(site: Site) -> None:
    """Write site/pictures.html: the systems that the guides describe, and where the areas' own pictures are."""
    bill = drawn(
        "From a visit to its bill", (HERE / "pictures/visit_to_bill.d2").read_text(), "dagre"
    )
    aws = drawn("The account on AWS", account(RESOURCES), "dagre")
    links = ", ".join(f"<a href='areas/{area}.html'>{area}</a>" for area in areas())
    body = (
        f"<header><h1>Pictures</h1><p>How the tables of an area refer to each other is on its page: {links}.</p>"
        "</header><p>How a patient's visit becomes a bill, and which table shows each step; the usual way has solid "
        f"lines, and each box leads to its table.</p>{picture_of(bill, 'tall')}"
        "<p>What <code>deploy/landfall.yaml</code> deploys, drawn from its resources "
        "(<a href='guides/guides/deploy.html'>running by itself</a>). A line leads from what uses to what is used; "
        f"the key that encrypts, roles and grants are left out.</p>{picture_of(aws, 'wide')}"
    )
    site.write("pictures.html", "Pictures", body, styles=[*bill.styles, *aws.styles])


def guides(site: Site) -> list[tuple[str, str]]:
    """Write guides, decisions and the glossary; returns place and title of the guides."""
    titles = {path: site.guide(path) for path in sorted(HERE.rglob("*.md"))}
    told = [
        (path.relative_to(HERE).with_suffix(".html").as_posix(), title)
        for path, title in titles.items()
        if path.relative_to(HERE).parts[0] == "guides" and path.parent.name == "guides"
    ]
    items = "".join(f"<li><a href='{place}'>{title}</a></li>" for place, title in told)
    more = "<li><a href='guides/sources/README.html'>Sources, a page for each</a></li>"
    body = f"<article class='prose'><h1>Guides</h1><ul>{items}{more}</ul></article>"
    site.write("guides/index.html", "Guides", body)
    return told


def write(folder: Path, manifest: Mapping[str, Any], demo: Path) -> None:
    """Write everything but dbt's own pages into `folder`, with verdicts and pages of the warehouse `demo`, if any."""
    site = Site(folder, {mart: area for area, marts in areas().items() for mart in marts})
    contents = Contents(site, manifest)
    entities = Entities.of(manifest)
    for area in areas():
        area_page(contents, area, entities)
    systems_page(site)
    told, pages = verdicts(demo), report(folder, demo)
    find_page(contents, of_pages(pages, told) if pages else ())
    site.write("metrics.html", "Metrics", contents.metrics())
    site.write("lineage.html", "Lineage", contents.lineages())
    for area in areas():
        place = f"lineage/{area}.html"
        site.write(place, f"Lineage of {area}", contents.lineage(area), here="lineage.html")
    site.home(
        verdicts=told,
        pages=[(page.name, page.title, page.subtitle) for page in pages],
        areas=[(area, contents.areas[area], len(models)) for area, models in areas().items()],
        guides=guides(site),
    )


def main() -> None:
    """Build everything anew."""
    shutil.rmtree(SITE, ignore_errors=True)
    SITE.mkdir()
    warehouse_pages()
    write(SITE, json.loads((WORK / "target" / "manifest.json").read_text()), DEMO)
    sys.stdout.write("site/index.html: the documentation's home\n")


if __name__ == "__main__":
    main()
