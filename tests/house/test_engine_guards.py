"""Dangers of Athena and Redshift are excluded over the parsed project, for each target, before anything is built.

docs/guides/dialects.md names the danger behind each guard.
"""

import json
import re
from typing import Any

import pytest
import yaml

from tools.project import ROOT, TARGETS, compiled_for

pytestmark = pytest.mark.warehouse

Node = dict[str, Any]
BATCHES = re.compile(r"(day|hour|bucket)\s*\(", re.IGNORECASE)
NARROW = re.compile(r"(tinyint|smallint|char|character)\b", re.IGNORECASE)
OF_LOADS = {f"model.landfall.base_landfall__{name}" for name in ("loads", "quarantined_rows")}
"""The base models by which a macro knows which loads hold the state."""


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def nodes(target: str) -> list[Node]:
    """The project's nodes as the target gets them."""
    return of_target(target)


def of_target(target: str) -> list[Node]:
    manifest = json.loads((compiled_for(target).parents[1] / "manifest.json").read_text())
    return list(manifest["nodes"].values())


def kept(nodes: list[Node], *kinds: str) -> list[Node]:
    """Models of these materialisations; snapshots are of the kind `snapshot`."""
    found = [node for node in nodes if node["resource_type"] in ("model", "snapshot")]
    return [node for node in found if node["config"]["materialized"] in kinds]


def names(nodes: list[Node]) -> list[str]:
    return sorted(node["name"] for node in nodes)


def test_snapshots_compare_a_row_hash_under_one_key_and_end_what_is_gone(nodes: list[Node]) -> None:
    snapshots = kept(nodes, "snapshot")
    assert snapshots
    for node in snapshots:
        config = node["config"]
        assert isinstance(config["unique_key"], str), node["name"]
        assert (config["strategy"], config["check_cols"]) == ("check", ["row_hash"]), node["name"]
        assert config["hard_deletes"] == "invalidate", node["name"]
        assert not config.get("dbt_valid_to_current"), node["name"]


def test_history_is_made_from_extracts_alone(nodes: list[Node]) -> None:
    """What else a base model read, a seed say, could change its versions, and no record of loads would tell."""
    by_name = {node["unique_id"]: node for node in nodes}
    for snapshot in kept(nodes, "snapshot"):
        (base,) = set(snapshot["depends_on"]["nodes"]) - OF_LOADS
        (raw,) = by_name[base]["depends_on"]["nodes"]
        assert raw.startswith("source.landfall."), base


def test_a_base_model_renames_and_nothing_else() -> None:
    """A row more or less would be a version more or less; the state takes one row of each key, and would hide it."""
    word = re.compile(r"\b(join|union|where|having|group|distinct|unnest|limit|qualify)\b")
    written = sorted((ROOT / "models/base").rglob("*.sql"))
    assert written
    assert {path.name: found for path in written if (found := word.findall(path.read_text()))} == {}


def test_no_model_is_ephemeral(nodes: list[Node]) -> None:
    """`run` hands one manifest from command to command, and compiling takes an ephemeral model's part of it apart."""
    assert names(kept(nodes, "ephemeral")) == []


def test_what_is_appended_takes_the_place_of_what_was_deleted(nodes: list[Node]) -> None:
    """No other way to grow a table is known to be right after a late load on all three engines (daily_facts.sql)."""
    grown = kept(nodes, "incremental")
    assert len(names(grown)) > 1
    for node in grown:
        before, after = (
            " ".join(hook["sql"] for hook in node["config"][kind])
            for kind in ("pre-hook", "post-hook")
        )
        assert node["config"]["incremental_strategy"] == "append", node["name"]
        assert before.index("forget_days_to_build(") < before.index("delete_days_to_build(")
        assert after.index("forget_changed_days(") < after.index("remember_days(")


def test_no_failing_row_is_kept_outside_the_restricted_schema(nodes: list[Node]) -> None:
    tests = [node for node in nodes if node["resource_type"] == "test"]
    assert tests and names([node for node in tests if node["config"].get("store_failures")]) == []


def test_every_relation_carries_its_descriptions(nodes: list[Node]) -> None:
    undescribed = [
        node
        for node in kept(nodes, "table", "view", "incremental")
        if node["config"]["persist_docs"] != {"relation": True, "columns": True}
    ]
    assert names(undescribed) == []


def test_on_athena_what_is_kept_is_iceberg_in_few_partitions() -> None:
    nodes = of_target("athena")
    # a view is taken apart wherever it is read (docs/decisions/no_views_over_views_on_athena.md)
    inner = [node for node in kept(nodes, "view") if {"staging", "intermediate"} & set(node["fqn"])]
    assert names(inner) == []
    for node in kept(nodes, "table", "incremental", "snapshot"):
        config = node["config"]
        assert config.get("table_type", "iceberg") == "iceberg", node["name"]
        assert config.get("incremental_strategy") != "insert_overwrite", node["name"]
        assert not [part for part in config.get("partitioned_by") or [] if BATCHES.match(part)]
        # dbt-athena applies no grants and says nothing
        assert not config.get("grants"), node["name"]
        narrow = [c["name"] for c in node["columns"].values() if NARROW.match(c["data_type"] or "")]
        assert narrow == [], node["name"]


def test_on_redshift_views_bind_late_and_nothing_relies_on_a_key_that_is_not_enforced() -> None:
    nodes = of_target("redshift")
    views = kept(nodes, "view")
    assert (
        views and names([node for node in views if node["config"].get("bind") is not False]) == []
    )
    tested = {
        parent
        for node in nodes
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("unique", "unique_together")
        for parent in node["depends_on"]["nodes"]
    }
    replaced = kept(nodes, "incremental")
    assert names([node for node in replaced if node["unique_id"] not in tested]) == []


def test_a_table_with_dist_or_sort_keys_says_why() -> None:
    spread = [
        node
        for node in kept(of_target("redshift"), "table", "incremental", "snapshot")
        if node["config"].get("dist", "auto") != "auto" or node["config"].get("sort")
    ]
    assert len(spread) > 10
    silent = [
        node
        for node in spread
        if "# Redshift:" not in (ROOT / node["patch_path"].split("://")[1]).read_text()
    ]
    assert names(silent) == [], "say in the YAML, after `# Redshift:`, why these keys were chosen"


def test_the_profiles_settings_are_those_that_lose_nothing() -> None:
    outputs = yaml.safe_load((ROOT / "profiles.yml.example").read_text())["landfall"]["outputs"]
    redshift, athena, duckdb = outputs["redshift"], outputs["athena"], outputs["duckdb"]
    # a retry would open a new connection in the middle of a transaction
    assert redshift["retries"] == 1 and redshift["retry_all"] is False
    assert athena["s3_data_naming"] == "schema_table_unique"
    assert duckdb["settings"]["TimeZone"] == "UTC"
    flags = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["flags"]
    assert flags["redshift_grants_extended"] is True
    # a snapshot on Redshift is an update and then an insert: in one transaction
    assert flags["redshift_skip_autocommit_transaction_statements"] is False


def test_every_fixture_has_a_row_without_null() -> None:
    """Redshift's adapter takes the types from such a row, and refuses a fixture that has none."""
    wrong = [
        (test["name"], given["input"])
        for path in (ROOT / "models").rglob("*.yml")
        for test in (yaml.safe_load(path.read_text()) or {}).get("unit_tests") or []
        for given in test["given"]
        if isinstance(given.get("rows"), list)
        and given["rows"]
        and all(None in row.values() for row in given["rows"])
    ]
    assert wrong == []


def test_the_guide_to_the_dialects_names_every_macro_and_no_other() -> None:
    written = {
        macro
        for path in (ROOT / "macros/dialect").glob("*.sql")
        for macro in re.findall(r"\{%-? macro (\w+)\(", path.read_text())
    }
    named = {re.sub(r"^(default|duckdb|athena|redshift)__", "", macro) for macro in written}
    guide = (ROOT / "docs/guides/dialects.md").read_text()
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", guide, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    # these two are dbt's, which it looks for by the adapter's name
    assert told == named - {"snapshot_get_time", "snapshot_hash_arguments"}
