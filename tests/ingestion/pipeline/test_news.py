"""Which nodes a load changes, by the rules on the edges of dbt's graph."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ingestion.pipeline.news import News, changed_parts, news_of, nodes_to_build
from ingestion.pipeline.state import state_of
from ingestion.pipeline.steps import RunReport, _look_for_news
from tests.ingestion.lakes import Lake, visits

AREAS = """\
area,source_name,is_dated_by
clinic,clinic,true
clinic,reviews,false
billing,clinic,true
stock,inventory,true
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that says which areas its sources feed."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/areas.csv").write_text(AREAS)
    return tmp_path


def model(path: str, *parents: str, group: str | None = None, view: bool = False) -> Any:
    """A model or snapshot at a path of the project, built from these."""
    return SimpleNamespace(
        name=Path(path).stem,
        resource_type="snapshot" if path.startswith("snapshots/") else "model",
        original_file_path=path,
        depends_on=SimpleNamespace(nodes=list(parents)),
        config=SimpleNamespace(group=group, materialized="view" if view else "table"),
    )


def data_test(*parents: str, severity: str = "ERROR") -> Any:
    """A test of these."""
    return SimpleNamespace(
        name="test",
        resource_type="test",
        original_file_path="tests/singular/test.sql",
        depends_on=SimpleNamespace(nodes=list(parents)),
        config=SimpleNamespace(severity=severity),
    )


def raw(source: str, table: str) -> Any:
    """A raw table."""
    return SimpleNamespace(
        name=table,
        source_name=source,
        resource_type="source",
        original_file_path=f"models/staging/{source}/_{source}__sources.yml",
    )


MANIFEST: Any = SimpleNamespace(
    sources={
        "patient": raw("clinic", "patient"),
        "account": raw("clinic", "account"),
        "item": raw("inventory", "item"),
        "loads": raw("landfall", "loads"),
    },
    nodes={
        "every_load": model("models/base/landfall/l.sql", "loads", view=True),
        "every_patient": model("models/base/clinic/p.sql", "patient", view=True),
        "stg_patients": model("models/staging/clinic/p.sql", "every_patient", "every_load"),
        "stg_accounts": model("models/staging/clinic/a.sql", "account", "every_load"),
        "stg_items": model("models/staging/inventory/i.sql", "item", "every_load"),
        "stg_loads": model("models/staging/landfall/l.sql", "every_load", view=True),
        "snap_patients": model("snapshots/clinic/p.sql", "every_patient", "every_load"),
        "patients": model("models/intermediate/clinic/p.sql", "snap_patients", view=True),
        "dates": model("models/intermediate/landfall/int_as_of_dates.sql", "stg_loads"),
        "days": model("models/intermediate/b/d.sql", "stg_accounts", "stg_loads", group="billing"),
        "dim_patients": model("models/marts/clinic/p.sql", "patients", "dates", group="clinic"),
        "stock": model("models/marts/stock/s.sql", "stg_items", "dates", group="stock"),
        "restricted": model("models/restricted/r.sql", "stg_accounts", "dates", group="restricted"),
        "loaded": model("models/marts/stock/l.sql", "stg_loads", group="stock"),
        "measured": model("models/intermediate/measures/m.sql", "stg_accounts", "every_load"),
        "test_of_patients": data_test("dim_patients"),
        "test_of_items": data_test("stg_items"),
        "test_of_both": data_test("stg_items", "dim_patients"),
        "test_of_loads": data_test("loads"),
        "test_of_a_view": data_test("stg_loads"),
        "warning": data_test("stg_items", severity="warn"),
    },
)  # fmt: skip

ALWAYS = {"dates", "loaded", "measured", "test_of_loads", "test_of_a_view", "warning"}
"""What reads of all tables what Landfall says of their loads, and what only warns."""


def built(project: Path, *tables: str, areas: tuple[str, ...] = ()) -> set[str]:
    """What is built, beyond what every run builds."""
    news = News(tables=frozenset(tables), areas=frozenset(areas))
    found = nodes_to_build(MANIFEST, news, project)
    assert found >= ALWAYS
    return found - ALWAYS


def test_a_load_changes_what_is_built_from_its_table_and_the_tests_of_that(project: Path) -> None:
    assert built(project, "clinic.patient") == {
        *("stg_patients", "snap_patients", "dim_patients"),
        *("test_of_patients", "test_of_both"),
    }
    assert built(project, "inventory.item") == {
        *("stg_items", "stock", "test_of_items", "test_of_both")
    }


def test_a_model_of_an_area_reads_only_the_loads_of_its_own_tables(project: Path) -> None:
    assert built(project) == set()
    assert built(project, "clinic.account") == {"stg_accounts", "days", "restricted"}


def test_another_day_of_an_area_changes_what_reads_the_date_of_that_area(project: Path) -> None:
    assert built(project, areas=("stock",)) == {"stock", "restricted"}
    assert built(project, areas=("clinic",)) == {
        *("dim_patients", "restricted", "test_of_patients", "test_of_both")
    }


def test_parts_that_differ_in_any_state_are_news() -> None:
    before = {"loads of clinic.patient": "1", "loads of clinic.account": "1"}
    same = dict(before)
    more = {**before, "loads of inventory.item": "1"}
    less = {"loads of clinic.patient": "1"}
    assert changed_parts(before, same) == set()
    assert changed_parts(before, same, more) == {"loads of inventory.item"}
    assert changed_parts(before, less) == {"loads of clinic.account"}


def test_news_name_tables_and_the_areas_that_their_source_dates(project: Path) -> None:
    changed = {"loads of clinic.patient", "newest extract of clinic", "refusals"}
    assert news_of(changed, project) == News(
        tables=frozenset({"clinic.patient"}), areas=frozenset({"clinic", "billing"})
    )
    assert news_of({"newest extract of reviews"}, project) == News(
        tables=frozenset(), areas=frozenset()
    )


def test_another_project_has_everything_built(project: Path) -> None:
    assert news_of({"project", "loads of clinic.patient"}, project) is None


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ([], "no table has new loads"),
        (["b.b", "a.a"], "downstream of a.a, b.b"),
        (["a.a", "b.b", "c.c", "d.d", "e.e", "f.f"], "downstream of a.a, b.b, c.c, d.d, e.e and 1 more"),
    ],
)  # fmt: skip
def test_news_are_told_in_words(tables: list[str], told: str) -> None:
    assert News(tables=frozenset(tables), areas=frozenset()).in_words == told


@pytest.mark.parametrize(("is_whole", "tables"), [(False, {"shop.visit"}), (True, None)])
def test_what_is_committed_while_a_run_begins_is_built_too(
    local_lake: Lake, is_whole: bool, tables: set[str] | None
) -> None:
    """The state was read before; what is committed until the tables are registered is in them."""
    project_dir = local_lake.settings.project_dir
    (project_dir / "seeds").mkdir()
    (project_dir / "seeds/areas.csv").write_text(AREAS)
    state = state_of(local_lake.context, None)
    local_lake.put("shop/2026-01-01/visit.csv", visits((1, "C1")))
    local_lake.land()
    report = RunReport(run_id="r", outcomes=[])
    built_from = {**state, "refusals": "others"}
    _look_for_news(local_lake.context, report, built_from, state, is_whole=is_whole)
    assert report.is_new
    assert (report.news and report.news.tables) == tables


def test_a_file_that_was_built_from_the_same_has_no_news(local_lake: Lake) -> None:
    state = state_of(local_lake.context, None)
    report = RunReport(run_id="r", outcomes=[])
    _look_for_news(local_lake.context, report, state, state, is_whole=False)
    assert not report.is_new
