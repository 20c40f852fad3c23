"""The dbt project holds together for all three engines, offline, before anything is built."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes

from ingestion.pages.definition import read_pages
from ingestion.pages.writing import VERDICTS
from tools.project import ROOT, TARGETS, compiled_for

pytestmark = pytest.mark.warehouse

CLOCK = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtime|localtimestamp|sysdate|today)\b"
    r"|\b(now|getdate|today|transaction_timestamp|statement_timestamp|clock_timestamp)\s*\(",
    re.IGNORECASE,
)
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
ENGINES_OWN = re.compile(
    r"\b(qualify|distinct on|string_agg|listagg|try_cast|date_diff|datediff|strftime|date_format"
    r"|regexp_\w+|unnest|lateral|filter\s*\(\s*where)\b|::",
    re.IGNORECASE,
)
ENGINES_VARIANT = re.compile(r"(default|duckdb|athena|redshift)__")
JINJA = re.compile(r"\{\{.*?\}\}|\{#.*?#\}|--[^\n]*", re.DOTALL)


@pytest.fixture(scope="module", params=TARGETS)
def compiled(request: pytest.FixtureRequest) -> Path:
    """The folder of compiled SQL for one target, after a parse with deprecations as errors."""
    return compiled_for(str(request.param))


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The parsed project, for Redshift, whose adapter alone checks the spelling of YAML."""
    folder = compiled_for("redshift")
    parsed: dict[str, Any] = json.loads((folder.parents[1] / "manifest.json").read_text())
    return parsed


def models(manifest: dict[str, Any], *folders: str) -> list[dict[str, Any]]:
    """The project's models, those below models/<one of folders> where any is given."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and (not folders or node["original_file_path"].split("/")[1] in folders)
    ]


def macros(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The project's macros and generic tests, without what an engine writes of them: dbt shows that as a part."""
    return [
        macro
        for macro in manifest["macros"].values()
        if macro["package_name"] == "landfall" and not ENGINES_VARIANT.match(macro["name"])
    ]


def test_every_model_compiles_offline_and_nothing_is_deprecated(compiled: Path) -> None:
    written = {path.stem for path in (ROOT / "models").rglob("*.sql")}
    assert written
    assert written - {path.stem for path in compiled.rglob("*.sql")} == set()


def test_no_sql_asks_the_clock(compiled: Path) -> None:
    asking = {
        str(path.relative_to(compiled))
        for path in compiled.rglob("*.sql")
        if CLOCK.search(COMMENT.sub("", path.read_text()))
    }
    assert asking == set()


def test_every_model_has_a_yaml_of_the_same_stem_and_every_such_yaml_a_model() -> None:
    written = sorted((ROOT / "models").rglob("*.sql"))
    assert [path.name for path in written if not path.with_suffix(".yml").is_file()] == []
    alone = [
        path.name
        for path in (ROOT / "models").rglob("*.yml")
        if not path.name.startswith("_") and not path.with_suffix(".sql").is_file()
    ]
    assert alone == []


def test_no_folder_holds_more_models_than_one_can_look_over() -> None:
    folders = Counter(path.parent for path in (ROOT / "models").rglob("*.sql"))
    assert {str(f.relative_to(ROOT)): count for f, count in folders.items() if count > 12} == {}


def test_models_leave_what_one_engine_writes_differently_to_the_dialect() -> None:
    found = {
        path.name: ENGINES_OWN.findall(JINJA.sub("", path.read_text()))
        for path in sorted((ROOT / "models").rglob("*.sql"))
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_models_are_described_with_their_grain_and_every_column(manifest: dict[str, Any]) -> None:
    for model in models(manifest):
        name = model["name"]
        assert model["description"].strip(), f"{name} is not described"
        assert model["config"]["meta"].get("grain"), f"{name} does not say its grain"
        assert model["columns"], f"{name} has no columns"
        bare = [c["name"] for c in model["columns"].values() if not c["description"].strip()]
        assert bare == [], name


def test_key_rules_traps_and_example_are_paragraphs_of_their_own(manifest: dict[str, Any]) -> None:
    """dbt's pages draw a description as Markdown: what only begins a line there runs on in the paragraph before."""
    mark = re.compile(r"\*\*(Key|Rules|Source|Traps|Example)\*\*")
    running_on = [
        f"{model['name']}: {found[1]}"
        for model in models(manifest)
        for found in mark.finditer(model["description"])
        if not model["description"][: found.start()].endswith("\n\n")
    ]
    assert running_on == []


def test_marts_have_an_enforced_contract_a_group_an_access_and_an_owner(
    manifest: dict[str, Any],
) -> None:
    marts = models(manifest, "marts", "restricted")
    assert marts
    for model in marts:
        name = model["name"]
        assert model["config"]["contract"]["enforced"], f"{name}: contract"
        assert model["config"].get("group"), f"{name}: group"
        assert model["config"].get("access"), f"{name}: access"
        assert model["config"]["meta"].get("owner"), f"{name}: owner"


def test_the_key_of_every_table_is_tested_at_severity_error(manifest: dict[str, Any]) -> None:
    tested: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node["config"]["severity"].lower() == "error":
            kind = (node.get("test_metadata") or {}).get("name", "")
            tested.setdefault(node.get("attached_node") or "", set()).add(kind)
    for model in models(manifest, "staging", "marts", "restricted"):
        kinds = tested.get(model["unique_id"], set())
        assert any("unique" in kind for kind in kinds), f"{model['name']}: unique"
        assert "not_null" in kinds, f"{model['name']}: not_null"


def test_every_fact_has_a_relationship_for_each_of_its_dimension_keys(
    manifest: dict[str, Any],
) -> None:
    related = {
        (node["attached_node"], node["column_name"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "relationships"
    }
    dimension_keys = {
        column
        for model in models(manifest, "marts")
        if model["name"].startswith("dim_")
        for column in list(model["columns"])[:1]
    }
    assert dimension_keys
    missing = [
        f"{model['name']}.{column}"
        for model in models(manifest, "marts")
        if model["name"].startswith("fct_")
        for column in model["columns"]
        if column in dimension_keys and (model["unique_id"], column) not in related
    ]
    assert missing == []


def test_every_raw_and_staging_column_says_how_sensitive_it_is(manifest: dict[str, Any]) -> None:
    known = {"direct", "quasi", "none"}
    for node in [*manifest["sources"].values(), *models(manifest, "base", "staging")]:
        unsaid = [
            column["name"]
            for column in node["columns"].values()
            if (column.get("config") or {}).get("meta", {}).get("sensitivity") not in known
        ]
        assert unsaid == [], node["name"]


def test_no_mart_outside_restricted_carries_a_direct_identifier_in_the_clear(
    manifest: dict[str, Any],
) -> None:
    direct = {
        column["name"]
        for model in models(manifest, "staging")
        for column in model["columns"].values()
        if (column.get("config") or {}).get("meta", {}).get("sensitivity") == "direct"
        and not column["name"].endswith("_pseudonym")
    }
    assert direct
    marts = models(manifest, "marts")
    assert marts
    carried = {
        f"{model['name']}.{column}" for model in marts for column in set(model["columns"]) & direct
    }
    assert carried == set()


def test_each_layer_has_a_colour_of_its_own_in_the_graph(manifest: dict[str, Any]) -> None:
    colours: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        kind = node["resource_type"]
        if kind in ("model", "seed", "snapshot"):
            layer = node["fqn"][1] if kind == "model" else kind
            colours.setdefault(layer, set()).add(node["docs"]["node_color"])
    assert len(colours) == 7 and {len(of_layer) for of_layer in colours.values()} == {1}
    assert len(set.union(*colours.values())) == len(colours)


def test_every_mart_has_a_reader_with_a_name(manifest: dict[str, Any]) -> None:
    read = {
        name
        for exposure in manifest["exposures"].values()
        if exposure["owner"]["name"]
        for name in exposure["depends_on"]["nodes"]
    }
    marts = models(manifest, "marts")
    assert len(marts) > 50
    assert [mart["name"] for mart in marts if mart["unique_id"] not in read] == []


def test_the_exposure_of_a_page_depends_on_what_its_queries_read_and_on_nothing_else(
    manifest: dict[str, Any],
) -> None:
    at = {one["url"]: one for one in manifest["exposures"].values() if one.get("url")}
    pages = read_pages(ROOT)
    assert {*at} == {f"{page.name}.html" for page in pages}
    for page in pages:
        exposure = at[f"{page.name}.html"]
        known = {node.split(".")[-1] for node in exposure["depends_on"]["nodes"]}
        assert known == {*page.models, *VERDICTS.models}, page.name
        assert exposure["owner"]["name"]


def test_every_macro_and_its_arguments_are_described_beside_it(manifest: dict[str, Any]) -> None:
    written = macros(manifest)
    assert written
    for macro in written:
        name, path = macro["name"], Path(macro["original_file_path"])
        assert macro["description"].strip(), f"{name}: no description"
        assert macro["patch_path"] == f"landfall://{path.with_suffix('.yml')}", name
        for argument in macro["arguments"]:
            assert argument["type"], f"{name}, {argument['name']}: no type"
            assert argument["description"].strip(), f"{name}, {argument['name']}: no description"


def test_the_arguments_described_are_those_of_the_macro_in_their_order(
    manifest: dict[str, Any],
) -> None:
    jinja = get_environment()
    for macro in macros(manifest):
        (defined,) = jinja.parse(macro["macro_sql"]).find_all(nodes.Macro)
        described = [argument["name"] for argument in macro["arguments"]]
        assert described == [argument.name for argument in defined.args], macro["name"]
