"""The documentation's home in headless Chromium, opened from disk: nothing said, every link leads, words are found."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.build import areas, write
from tests.pages.browser import BROAD, CHROMIUM, Browser, browser
from tools.demonstration import demonstrated
from tools.project import compiled_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("CI") != "true",
        reason="needs Debian's package chromium",
    ),
]

DBT = "warehouse.html"
"""dbt's own pages, which `make docs` makes besides, and a run with the report."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    manifest = compiled_for("duckdb").parents[1] / "manifest.json"
    demo = demonstrated().folder / "demo" / "warehouse.duckdb"
    write(folder, json.loads(manifest.read_text()), demo)
    return folder


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


def test_no_page_says_or_asks_for_anything_and_none_lies_beside_the_screen(
    site: Path, opened: Browser
) -> None:
    pages = [path for path in sorted(site.rglob("*.html")) if path.parent.name != "report"]
    assert len(pages) > 60
    for page in pages:
        opened.open(f"file://{page}", 1280)
        assert opened.said == [], page
        asked = [one for one in opened.asked if not one.startswith("data:")]
        assert asked == [f"file://{page}"], page
        assert opened.value("document.documentElement.scrollWidth") <= 1280, page


@pytest.mark.parametrize("width", [390, 820, 1300])
def test_no_table_is_wider_than_its_place(site: Path, opened: Browser, width: int) -> None:
    broad = {}
    for page in sorted(site.rglob("*.html")):
        if page.parent.name != "report":
            opened.open(f"file://{page}", width)
            broad[page.name] = opened.value(BROAD)
    assert {name: found for name, found in broad.items() if found} == {}


def test_every_link_of_every_page_leads_to_a_place_that_is_there(site: Path) -> None:
    texts = {path: path.read_text() for path in site.rglob("*.html")}
    ids = {path: set(re.findall(r"""\bid=["']([^"']+)""", text)) for path, text in texts.items()}
    lost = set()
    for path, text in texts.items():
        if path.parent.name == "report":
            continue
        for href in re.findall(r"""<a [^>]*?href=["']([^"']+)""", text):
            file, _, place = href.partition("#")
            if file.startswith(("http:", "https:", "mailto:")) or DBT in file:
                continue
            target = (path.parent / file).resolve() if file else path
            if target not in texts or (place and place not in ids[target]):
                lost.add((str(path.relative_to(site)), href))
    assert lost == set()


def test_each_page_of_the_report_leads_back_to_the_home_and_the_definitions(site: Path) -> None:
    pages = [path for path in (site / "report").glob("*.html") if path.name != "documentation.html"]
    assert len(pages) > 5
    for page in pages:
        links = re.findall(r'<a [^>]*?href="(\.\./[^"]+)"', page.read_text())
        assert "../index.html" in links and "../guides/glossary.html" in links
        assert all((page.parent / link).exists() for link in links)
        assert 'href="#definitions"' in page.read_text()
    assert "report/operations.html#findings" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    ("words", "first", "place"),
    [
        ("net collection", "Net collection rate", "metrics.html#net_collection_rate"),
        ("payer age", "billing.ar_ageing", "areas/billing.html#ar_ageing"),
        ("physician_durable_key", "physician_durable_key", "areas/billing.html#"),
        ("why quarantined deletion", "A quarantined row is not a deletion", "guides/decisions/"),
    ],
)
def test_words_narrow_the_list_to_what_has_them_all(
    site: Path, opened: Browser, words: str, first: str, place: str
) -> None:
    opened.open(f"file://{site}/find.html")
    everything = opened.value(SHOWN)
    opened.value(f"field.value = {words!r}; field.dispatchEvent(new Event('input'))")
    found = opened.value(SHOWN)
    assert 0 < len(found) < len(everything) / 5
    assert any(name == first and href.startswith(place) for name, href in found), found[:20]
    assert opened.value("told.textContent") == f"{len(found)} found"
    assert opened.said == []


def test_an_area_shows_its_pictures_and_a_box_leads_to_its_columns(
    site: Path, opened: Browser
) -> None:
    opened.open(f"file://{site}/areas/billing.html")
    opened.value("document.querySelector('details').open = true")
    sizes = opened.value(
        "[...document.querySelectorAll('.picture > svg')].map(e => e.getBoundingClientRect())"
        ".map(r => [r.width, r.height])"
    )
    assert len(sizes) > 8 and all(width > 200 and height > 80 for width, height in sizes)
    opened.value(
        "document.querySelector('.picture a[href$=\"#fct_charges\"]').dispatchEvent("
        "new MouseEvent('click', {bubbles: true}))"
    )
    assert opened.value("location.hash") == "#fct_charges"


def test_from_a_mart_to_what_its_columns_are_made_of_it_is_one_step(
    site: Path, opened: Browser
) -> None:
    """By links alone; and from the list of all marts, or the head of its area's page, one step as well."""
    for area, marts in areas().items():
        page, named = f"lineage/{area}.html", (site / "areas" / f"{area}.html").read_text()
        for mart in marts:
            assert f"../{page}#{mart}'" in named, mart
            assert f"'{page}#{mart}'" in (site / "lineage.html").read_text()
            assert f"'#{mart}'" in (site / page).read_text().partition("<section")[0]
    opened.open(f"file://{site}/lineage/billing.html#ar_ageing")
    told = opened.value("document.querySelector(':target').innerText")
    assert told.startswith("billing.ar_ageing") and "billing.ledger.amount" in told


def test_the_home_leads_to_every_area_and_says_whether_its_figures_may_be_used(
    site: Path, opened: Browser
) -> None:
    opened.open(f"file://{site}/index.html")
    for area in areas():
        assert opened.value(f"!!document.querySelector('a[href=\"areas/{area}.html\"]')"), area
    said = opened.value("document.querySelector('main').innerText")
    assert "rides incomplete: 1 row of taxi.trips_table in quarantine" in said
    assert "crm complete as of" in said
    assert "; past days lack 1 refused file of clinic.account of 2022-03-" in said


SHOWN = """
[...document.querySelectorAll('#lines tr')].filter(line => !line.hidden).map(line => line.querySelector('a'))
  .map(link => [link.textContent, link.getAttribute('href')])
"""
