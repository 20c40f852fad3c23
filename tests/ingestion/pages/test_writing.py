"""A page is drawn again when its answers are others, and copied when they are the same."""

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.pages import Answers, Described, write_pages
from tools.project import ROOT

PAGE = """\
name: index
title: Visits
position: 1
subtitle: What there was.
areas: [clinic]
queries:
  visits: {sql: "select visits from {visits}"}
blocks:
  - title: Visits
    query: visits
    table: [{column: visits, label: Visits}]
    source: [visits]
"""
TEXTS = ("page.html.j2", "page.css", "theme.json")
MODELS = {
    name: Described(relation=name, full_name=f"clinic.{name}", text="", columns={"visits": ""})
    for name in ("visits", "figures_status")
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one page."""
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    (tmp_path / "pages").mkdir()
    for name in TEXTS:
        shutil.copy(ROOT / "pages" / name, tmp_path / "pages")
    (tmp_path / "pages/index.yml").write_text(PAGE)
    return tmp_path


def written(
    project: Path, folder: str, visits: int | Decimal, verdict: str, earlier: str = ""
) -> str:
    """The page as it is written into a folder, with these answers."""

    def ask(queries: Mapping[str, str]) -> Answers:
        assert len(queries) == 2
        said = {"area": "clinic", "verdict": verdict, "as_of_date": None}
        return {name: [{"visits": visits} if "." in name else said] for name in queries}  # type: ignore[dict-item]

    (project / folder).mkdir()
    (page,) = write_pages(
        project, MODELS, ask, project / folder, project / earlier if earlier else None
    )
    return page.read_text()


def test_the_zeros_that_an_engine_adds_make_no_other_page(project: Path) -> None:
    pages = [
        written(project, f"engine{number}", Decimal(text), "complete")
        for number, text in enumerate(("41", "41.00", "4.1E1"))
    ]
    assert pages[0] == pages[1] == pages[2]


def test_a_page_is_copied_where_its_answers_are_the_same_and_drawn_where_not(project: Path) -> None:
    first = written(project, "first", 41, "complete")
    assert "41" in first
    page = project / "first/index.html"
    page.write_text(first.replace("Visits", "As it was"))
    for folder, visits, verdict, is_copied in (
        ("same", 41, "complete", True),
        ("more", 42, "complete", False),
        ("late", 41, "incomplete: visits are late", False),
    ):
        said = written(project, folder, visits, verdict, "first")
        assert ("As it was" in said) is is_copied
        assert str(visits) in said
    assert "As it was" not in written(project, "alone", 41, "complete")
    assert "As it was" not in written(project, "gone", 41, "complete", "nowhere")
