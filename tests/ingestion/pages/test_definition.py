"""The definitions of the pages hold together, and what cannot be is refused in one line."""

import json
from pathlib import Path
from typing import Any

import pytest
import vl_convert
import yaml

from ingestion.errors import BadSettings
from ingestion.pages.definition import Pivot, Shown, read_pages
from tools.project import ROOT

PAGES = read_pages(ROOT)
MARTS = {path.stem for path in (ROOT / "models/marts").rglob("*.sql")}


def columns_of(model: str) -> set[str]:
    """The columns that a mart's YAML describes."""
    path = next((ROOT / "models/marts").rglob(f"{model}.yml"))
    return {column["name"] for column in yaml.safe_load(path.read_text())["models"][0]["columns"]}


def test_there_is_a_page_for_the_practice_for_operations_and_for_each_company() -> None:
    assert [page.name for page in PAGES] == [
        "index",
        "operations",
        "sales",
        "commerce",
        "crm",
        "stock",
        "rides",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_reads_marts_alone_and_names_columns_that_they_have(page: Any) -> None:
    assert {*page.models} <= MARTS
    named = [one.defined for one in (*page.figures, *page.news)]
    named += [source for block in page.blocks for source in block.source]
    for name in named:
        model, _, column = name.partition(".")
        assert model in MARTS and (not column or column in columns_of(model)), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_counts_patients_says_what_is_small(page: Any) -> None:
    """Each query of the practice's page has a rule."""
    if page.name == "index":
        assert [name for name, query in page.queries.items() if not query.small] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "pages/charts").glob("*.json")), ids=lambda path: path.stem
)
def test_a_chart_is_a_specification_that_the_version_reads(path: Path) -> None:
    told = json.loads(path.read_text())
    assert told["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"
    assert "data" not in told
    assert vl_convert.vegalite_to_vega({**told, "data": {"values": []}}, vl_version="6.1")


def test_every_chart_is_shown_on_a_page() -> None:
    shown = {block.chart for page in PAGES for block in page.blocks if block.chart}
    assert shown == {
        path.name.removesuffix(".vl.json") for path in (ROOT / "pages/charts").glob("*.json")
    }


def written(folder: Path, told: dict[str, Any]) -> Path:
    (folder / "pages").mkdir()
    (folder / "pages" / "one.yml").write_text(yaml.safe_dump(told))
    return folder


SOUND: dict[str, Any] = {
    "name": "one",
    "title": "One",
    "position": 1,
    "subtitle": "One page.",
    "areas": ["clinic"],
    "queries": {"all": {"sql": "select 1 as n from {visits}"}},
    "blocks": [
        {
            "title": "All",
            "query": "all",
            "table": [{"column": "n", "label": "N"}],
            "source": ["visits"],
        }
    ],
}


def test_a_project_without_pages_has_none(tmp_path: Path) -> None:
    assert read_pages(tmp_path) == []


def test_a_sound_page_is_read(tmp_path: Path) -> None:
    (page,) = read_pages(written(tmp_path, SOUND))
    assert page.models == ["visits"]
    assert (
        page.queries["all"].over({"visits": "clinic.visits"}) == "select 1 as n from clinic.visits"
    )
    assert not isinstance(page.blocks[0].table, Pivot)
    assert page.blocks[0].table == (Shown(column="n", label="N"),)


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("areas", [], "areas"),
        ("colour", "red", "colour"),
        ("blocks", [{**SOUND["blocks"][0], "chart": "nowhere"}], "nowhere.vl.json"),
        ("blocks", [{**SOUND["blocks"][0], "query": "other"}], "the query 'other'"),
    ],
)
def test_a_page_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, part: str, value: Any, said: str
) -> None:
    with pytest.raises(BadSettings) as refused:
        read_pages(written(tmp_path, SOUND | {part: value}))
    told = str(refused.value)
    assert told.startswith("pages/one.yml: ") and said in told and "\n" not in told
