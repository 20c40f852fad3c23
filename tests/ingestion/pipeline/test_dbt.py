"""What leaves the dbt process holds no cell, and says which area a failed node belongs to."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingestion.pipeline.dbt import Dbt, areas_of, safe_message

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


@pytest.mark.slow
def test_a_project_may_disable_nodes(tmp_path: Path) -> None:
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
    nodes = Dbt(tmp_path, "duckdb", {}).build()
    assert [(node.name, node.status) for node in nodes] == [("model.small.shown", "success")]
