"""Output of the dbt process holds no cell, and names the area of a failed node."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from dbt.contracts.graph.manifest import Manifest

from ingestion.pipeline.access import template
from ingestion.pipeline.dbt import PARSED, Dbt, areas_of, safe_message
from ingestion.settings import Settings
from tools.project import copy_of_the_project

NO_MEMORY = (
    "DuckDB needs more memory than LANDFALL_MEMORY allows: raise it, or lower LANDFALL_THREADS"
)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
        ("Compilation Error in model x\n  'y' is undefined", "Compilation Error in model x 'y' is undefined"),
        ("Runtime Error in model x (x.sql)\n  Conversion Error: not 'Ada Smith'", "Runtime Error in model x (x.sql)"),
        ("Conversion Error: Could not convert string 'Ada Smith' to INT32", "Conversion Error"),
        ("Runtime Error in model x (x.sql)\n  Out of Memory Error: could not allocate", NO_MEMORY),
        ("Out of Memory Error: failed to pin block", NO_MEMORY),
        ("Conversion Error: 'Out of Memory Error: Ada Smith'", "Conversion Error"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_engines_words_are_cut_before_they_can_quote_a_cell(said: str, told: str) -> None:
    assert safe_message(said) == told


@pytest.mark.slow
@pytest.mark.warehouse
def test_an_upgrade_changes_the_settings_that_a_macro_gives_to_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt alone keeps them where the macro's description has changed too."""
    project = copy_of_the_project(tmp_path)
    monkeypatch.setenv("LANDFALL_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    assert strategy_of("fct_account_balances", project) == "append"
    for name, was, now in (
        ("daily_facts.sql", "'append'", "'merge'"),
        ("daily_facts.yml", "What", "Which"),
        ("daily_facts.yml", "The", "A"),
    ):
        file = project / "macros/history" / name
        file.write_text(file.read_text().replace(was, now))
    assert strategy_of("fct_account_balances", project) == "merge"


def strategy_of(model: str, project: Path) -> object:
    Dbt(project, "duckdb", {})
    parsed = json.loads((project / "target/run/manifest.json").read_text())
    return parsed["nodes"][f"model.landfall.{model}"]["config"]["incremental_strategy"]


def node(path: str, *parents: str, kind: str = "model") -> SimpleNamespace:
    return SimpleNamespace(
        original_file_path=path, depends_on=SimpleNamespace(nodes=list(parents)), resource_type=kind
    )


def test_a_node_belongs_to_every_area_that_is_built_from_it() -> None:
    manifest = SimpleNamespace(
        nodes={
            "stg": node("models/staging/clinic/stg.sql", "raw"),
            "dim": node("models/marts/clinic/dim.sql", "stg"),
            "bill": node("models/marts/billing/bill.sql", "dim"),
            "status": node("models/marts/operations/status.sql", "stg"),
            "alone": node("models/staging/clinic/alone.sql"),
            "test": node("models/marts/clinic/dim.yml", "dim", kind="test"),
        },
        unit_tests={},
        sources={"raw": None},
    )
    assert areas_of(manifest) == {  # type: ignore[arg-type]
        "raw": ("billing", "clinic"),
        "stg": ("billing", "clinic"),
        "dim": ("billing", "clinic"),
        "bill": ("billing",),
        "status": ("operations",),
        "alone": (),
        "test": ("billing", "clinic"),
    }


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A project of one model that is shown and one that is disabled."""
    profile = {
        "target": "duckdb",
        "outputs": {"duckdb": {"type": "duckdb", "path": str(tmp_path / "w.duckdb")}},
    }
    (tmp_path / "profiles.yml").write_text(json.dumps({"small": profile}))
    (tmp_path / "dbt_project.yml").write_text("name: small\nversion: '1.0'\nprofile: small\n")
    (tmp_path / "models").mkdir()
    for name, enabled in (("shown", "true"), ("hidden", "false")):
        text = f"{{{{ config(enabled={enabled}) }}}} select 1 as one"
        (tmp_path / "models" / f"{name}.sql").write_text(text)
    return tmp_path


@pytest.mark.slow
def test_a_project_may_disable_nodes(small_project: Path) -> None:
    nodes = Dbt(small_project, "duckdb", {}).build()
    assert [(node.name, node.status) for node in nodes] == [("model.small.shown", "success")]


@pytest.mark.slow
def test_what_is_parsed_is_written_when_it_has_changed(small_project: Path) -> None:
    written = small_project / "target/run/manifest.json"
    times = []
    for text in ("select 1 as one", "select 1 as one", "select 2 as two"):
        (small_project / "models/shown.sql").write_text(text)
        Dbt(small_project, "duckdb", {})
        parsed = json.loads(written.read_text())
        assert parsed["nodes"]["model.small.shown"]["raw_code"] == text
        times.append(written.stat().st_mtime_ns)
    assert times[0] == times[1] < times[2]


@pytest.mark.slow
def test_the_template_of_grants_is_made_beside_a_project_that_is_read_only(
    small_project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shown, work = small_project / "models/shown.sql", tmp_path_factory.mktemp("work")
    (small_project / "models/staging/small").mkdir(parents=True)
    shown.rename(small_project / "models/staging/small/shown.sql")
    given = {"LANDFALL_PROJECT": str(small_project), "LANDFALL_WORK": str(work)}
    assert "Tag" in template(Settings.from_environment(given))["Resources"]
    assert (work / "run/manifest.json").exists()
    assert not (small_project / "target").exists()


@pytest.mark.slow
def test_the_parse_of_runs_survives_runs_of_other_days_and_warehouses(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsing the real project anew takes as long as the rest of a small run."""
    profiles = small_project / "profiles.yml"
    there = profiles.read_text()
    profiles.write_text(there.replace("w.duckdb", "{{ env_var('WAREHOUSE') }}.duckdb"))
    (small_project / "models/shown.sql").write_text('select \'{{ var("as_of", "none") }}\' as day')

    def shown(warehouse: str, is_aside: bool = False, **variables: str) -> object:
        """The day that a run sees there."""
        monkeypatch.setenv("WAREHOUSE", warehouse)
        dbt = Dbt(small_project, "duckdb", variables, is_aside=is_aside)
        assert [node.status for node in dbt.build()] == ["success"]
        return dbt.rows("shown")[0]["day"]

    def parsed(folder: str) -> int:
        return (small_project / "target" / folder / PARSED).stat().st_mtime_ns

    assert shown("published") == "none"
    first = parsed("run")
    assert shown("aside", is_aside=True, as_of="2022-03-06") == "2022-03-06"
    beside = parsed("aside")
    assert shown("aside", is_aside=True, as_of="2022-03-07") == "2022-03-07"
    assert shown("published", as_of="2022-03-08") == "2022-03-08"
    assert shown("published") == "none"
    assert (parsed("run"), parsed("aside")) == (first, beside)


@pytest.mark.slow
def test_a_half_written_manifest_is_not_kept(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Manifest, path: str) -> None:
        Path(path).write_text("{")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            Dbt(small_project, "duckdb", {})
    Dbt(small_project, "duckdb", {})
    assert "nodes" in json.loads((small_project / "target/run/manifest.json").read_text())
