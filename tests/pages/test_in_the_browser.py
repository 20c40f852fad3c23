"""The pages of the demo in headless Chromium: nothing is asked for, nothing said, nothing lies beside the screen."""

import json
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.pages import read_pages
from ingestion.pages.answers import Row
from ingestion.pages.charts import drawn, narrowed
from ingestion.pages.wording import Wording
from tests.pages.browser import BROAD, CHROMIUM, Browser, browser
from tools.demonstration import demonstrated
from tools.project import ROOT

NAMES = ("index", "operations", "sales", "commerce", "crm", "stock", "rides")
WIDTHS = (360, 768, 1280)
PUBLIC = {
    block.more.url for page in read_pages(ROOT) for block in page.blocks if block.more is not None
}
"""The pages of others to which the definitions link."""
A4 = 718
"""The width of a sheet between its margins, in pixels."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CHROMIUM and os.environ.get("CI") != "true",
        reason="needs Debian's package chromium",
    ),
]


@pytest.fixture(scope="module")
def report() -> Path:
    """The pages that a run has published."""
    return demonstrated().folder / "demo" / "report"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_says_nothing_and_fits_three_widths(
    report: Path, opened: Browser, name: str
) -> None:
    address = f"file://{report / name}.html"
    for width in WIDTHS:
        opened.open(address, width)
        assert opened.said == []
        assert [asked for asked in opened.asked if not asked.startswith("data:")] == [address]
        assert opened.value("document.documentElement.scrollWidth") <= width
    assert len(opened.value("document.querySelector('main').innerText")) > 500
    assert opened.value("document.querySelectorAll('main svg').length") > 0
    sizes = opened.value(
        "[...document.querySelectorAll('main svg')].filter(e => e.checkVisibility())"
        ".map(e => e.getBoundingClientRect()).map(r => Math.min(r.width, r.height))"
    )
    assert min(sizes) > 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 430, 560, 577, 768, 1280])
def test_each_chart_is_there_once_and_its_letters_can_be_read(
    report: Path, opened: Browser, name: str, width: int
) -> None:
    opened.open(f"file://{report / name}.html", width)
    shown = "[...document.querySelectorAll('.drawing')].filter(e => e.checkVisibility()).length"
    assert opened.value(shown) * 2 == opened.value("document.querySelectorAll('.drawing').length")
    assert opened.value(ILLEGIBLE) == []


def test_a_chart_that_cannot_be_read_is_found(tmp_path: Path, opened: Browser) -> None:
    texts = "".join(
        f"<text x='{x}' y='{y}' font-size='12px'>{text}</text>"
        for x, y, text in ((9, 20, "one"), (12, 22, "two"), (195, 60, "three"))
    )
    page = tmp_path / "chart.html"
    page.write_text(
        "<!doctype html><div class='block' id='a'><div class='drawing'>"
        f"<svg viewBox='0 0 200 100' width='150'>{texts}</svg>"
        "<svg viewBox='0 0 200 100' width='200'></svg></div></div>"
    )
    opened.open(f"file://{page}")
    assert opened.value(ILLEGIBLE) == [
        *("a: one is small", "a: two is small", "a: three is small", "a: three is cut"),
        *("a: one lies on two", "a: nothing is written"),
    ]


@pytest.mark.parametrize("width", [320, 375, 430])
@pytest.mark.parametrize("payer", ["Patient", "Preferred Provider Organization", "W" * 40])
def test_the_ages_of_what_is_owed_can_be_read_however_long_a_plans_name_is(
    tmp_path: Path, opened: Browser, payer: str, width: int
) -> None:
    (index,) = (page for page in read_pages(ROOT) if page.name == "index")
    theme = json.loads((ROOT / "pages/theme.json").read_text())
    ages = ("0-30", "31-60", "61-90", "91-120", ">120")
    rows: list[Row] = [
        {
            "payer": payer,
            "age_bucket": age,
            "bucket_number": Decimal(number),
            "open_amount": Decimal(1000),
        }
        for number, age in enumerate(ages, 1)
    ]
    chart = narrowed(index.charts["index_ageing"], theme["narrow"])
    svg = drawn(chart, rows, theme["config"], Wording("en_US", "USD"), "What is owed")
    page = tmp_path / "chart.html"
    style = (ROOT / "pages" / "page.css").read_text()
    page.write_text(
        f"<!doctype html><style>{style}</style><main><div class='blocks'><section class='block' id='a'>"
        f"<div class='drawing'>{svg}</div></section></div></main>"
    )
    opened.open(f"file://{page}", width)
    assert opened.value(ILLEGIBLE) == []
    texts = opened.value("[...document.querySelectorAll('text')].map(e => e.textContent)")
    assert {*ages} <= {*texts}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [360, 390, 768, 820, 901, 1300, A4])
def test_no_table_is_wider_than_its_place(
    report: Path, opened: Browser, name: str, width: int
) -> None:
    with opened.on_paper(width == A4):
        opened.open(f"file://{report / name}.html", width)
        assert opened.value("document.querySelectorAll('table').length") > 0
        assert opened.value(BROAD) == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_a_year_of_months_side_by_side_fits(tmp_path: Path, opened: Browser, width: int) -> None:
    heads = "".join(f"<th class='n'>Sep 20{n}</th>" for n in range(13))
    cells = "".join("<td class='n' data-of='Sep'>12,345</td>" for _ in range(13))
    table = f"<thead><tr><th>Physician</th>{heads}</tr></thead><tr><th>E1001</th>{cells}</tr>"
    assert broad_in(tmp_path, opened, width, f"<table class='broad'>{table}</table>") == []


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_a_table_that_is_too_broad_is_found(tmp_path: Path, opened: Browser, width: int) -> None:
    cells = "".join("<td class='n'>1,234,567.89 USD</td>" for _ in range(13))
    found = broad_in(tmp_path, opened, width, f"<table><tr>{cells}</tr></table>")
    assert found == ["scroll", "TABLE"]


def broad_in(folder: Path, opened: Browser, width: int, table: str) -> list[str]:
    """What BROAD finds on a page with one table, in a block that it opens."""
    page = folder / "table.html"
    style = (ROOT / "pages" / "page.css").read_text()
    page.write_text(
        f"<!doctype html><style>{style}</style><main><div class='blocks'><section class='block'>"
        f"<details><div class='scroll'>{table}</div></details></section></div></main>"
    )
    opened.open(f"file://{page}", width)
    found: list[str] = opened.value(BROAD)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_prints_on_two_sheets_of_a4_at_most(
    report: Path, opened: Browser, name: str
) -> None:
    opened.open(f"file://{report / name}.html")
    printed = opened.printed()
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
    (width, height) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)[0]
    assert (round(float(width)), round(float(height))) == (595, 842)


@pytest.mark.parametrize("name", NAMES)
def test_each_printed_block_has_more_than_a_heading(
    report: Path, opened: Browser, name: str
) -> None:
    with opened.on_paper():
        opened.open(f"file://{report / name}.html", A4)
        assert opened.value("document.querySelectorAll('.block').length") > 0
        assert opened.value(EMPTY) == []


@pytest.mark.parametrize("name", NAMES)
def test_texts_have_enough_contrast_and_links_lead_somewhere(
    report: Path, opened: Browser, name: str
) -> None:
    opened.open(f"file://{report / name}.html")
    assert opened.value(FAINT) == []
    hrefs = opened.value("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert hrefs
    for href in set(hrefs):
        if href in PUBLIC:
            continue
        file, _, place = href.partition("#")
        assert not file or (report / file).exists(), href
        if not file:
            assert opened.value(f"!!document.getElementById({place!r})"), href


def test_a_page_that_breaks_its_rules_is_found(tmp_path: Path, opened: Browser) -> None:
    """The tests above can fail: a script, a picture from elsewhere, a wide box and a faint text are seen."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<!doctype html><meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
        "<p style='color: red'>styled</p><script>1</script><img src='https://example.invalid/x.png'>"
        "<svg width='3000' height='10'></svg>"
    )
    opened.open(f"file://{bad}", 768)
    assert len(opened.said) >= 3
    assert opened.value("document.documentElement.scrollWidth") > 768
    faint = tmp_path / "faint.html"
    faint.write_text("<!doctype html><main><p style='color: #bbbbbb'>faint</p></main>")
    opened.open(f"file://{faint}")
    assert opened.value(FAINT) == ["faint"]


FAINT = """
(() => {
  const light = c => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
  const bright = rgb => 0.2126 * light(rgb[0]) + 0.7152 * light(rgb[1]) + 0.0722 * light(rgb[2]);
  const rgb = text => (text.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c } return [255, 255, 255] };
  const texts = [...document.querySelectorAll('body *:not(svg):not(svg *):not(style)')].filter(e =>
    [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
  return texts.filter(e => {
    const [a, b] = [bright(rgb(getComputedStyle(e).color)), bright(ground(e))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05) < 4.5;
  }).map(e => e.textContent.trim());
})()
"""
"""The texts whose contrast is below 4.5 to 1, as WCAG 2.2 has it (1.4.3)."""

EMPTY = """
[...document.querySelectorAll('.block')].filter(e => e.checkVisibility() &&
  ![...e.querySelectorAll('.drawing, table, .nothing')].some(f => f.checkVisibility())).map(e => e.id)
"""
"""The blocks that are shown without a chart, a table or a word that there is nothing."""

ILLEGIBLE = """
(() => {
  const faults = [];
  for (const svg of [...document.querySelectorAll('.drawing svg')].filter(e => e.checkVisibility())) {
    const edge = svg.getBoundingClientRect(), scale = edge.width / svg.viewBox.baseVal.width;
    const fault = what => faults.push(svg.closest('.block').id + ': ' + what);
    const texts = [...svg.querySelectorAll('text')].filter(e => e.textContent.trim()).map(e =>
      [e.textContent, e.getBoundingClientRect(), parseFloat(getComputedStyle(e).fontSize) * scale]);
    if (!texts.length) fault('nothing is written');
    for (const [text, box, size] of texts) {
      if (size < 10) fault(text + ' is small');
      if (box.left < edge.left - 1 || box.right > edge.right + 1) fault(text + ' is cut');
    }
    texts.forEach(([one, a], n) => texts.slice(n + 1).forEach(([other, b]) => {
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) fault(one + ' lies on ' + other);
    }));
  }
  return faults;
})()
"""
"""What in a chart is smaller than 10 pixels, cut off at its edge, or written over another text."""
