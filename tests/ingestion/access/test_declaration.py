"""The declaration of access: what may be said, what is refused, and that every place of the project has a verdict."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingestion.access import Relation, read_declaration
from ingestion.errors import BadSettings
from tools.project import ROOT, compiled_for

RELATIONS = [
    Relation("clinic", "dim_patients", "marts.clinic", ("patient_key", "birth_year")),
    Relation("billing", "fct_claims", "marts.billing", ("claim_key",)),
    Relation("restricted", "patient_contacts", "restricted.clinic", ("patient_key", "email", "phone")),
    Relation("restricted", "account_identities", "restricted.billing", ("account_key",)),
    Relation("staging", "stg_clinic__patients", "staging.clinic", ("patient_id",)),
    Relation("raw_clinic", "patient", "raw.clinic", ("person_id",)),
]  # fmt: skip


def declared(folder: Path, access: Any) -> Path:
    """A project that declares this."""
    (folder / "dbt_project.yml").write_text(yaml.safe_dump({"vars": {"access": access}}))
    return folder


def read(folder: Path, access: Any) -> Any:
    made = read_declaration(declared(folder, access))
    made.refuse_unknown(RELATIONS)
    return made


def test_a_role_reads_its_places_and_no_other(tmp_path: Path) -> None:
    made = read(
        tmp_path,
        {
            "analyst": {"reads": ["marts"]},
            "desk": {"reads": ["marts.clinic", "restricted.clinic"]},
            "engineer": {"reads": ["staging"]},
            "lander": {"reads": ["raw"]},
        },
    )
    told = {role: [r.full_name for r in RELATIONS if made.may_read(role, r)] for role in made.roles}
    assert told == {
        "analyst": ["clinic.dim_patients", "billing.fct_claims"],
        "desk": ["clinic.dim_patients", "restricted.patient_contacts"],
        "engineer": ["staging.stg_clinic__patients"],
        "lander": ["raw_clinic.patient"],
    }
    assert made.readers(RELATIONS[3]) == []


def test_columns_are_masked_or_left_out(tmp_path: Path) -> None:
    limits = {"restricted.patient_contacts": {"email": "masked", "phone": "left_out"}}
    made = read(tmp_path, {"desk": {"reads": ["restricted"], "columns": limits}})
    assert made.columns("desk", RELATIONS[2]) == {"patient_key": "shown", "email": "masked"}
    assert made.columns("desk", RELATIONS[3]) == {"account_key": "shown"}


def test_a_project_without_a_declaration_has_no_reader(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: x\n")
    assert read_declaration(tmp_path).roles == {}


@pytest.mark.parametrize(
    ("access", "told"),
    [
        ({"a": {"reads": ["mart"]}}, "vars.access.a: 'mart' is not a place: write one of marts"),
        ({"a": {"reads": []}}, "vars.access.a.reads: "),
        ({"a": {}}, "vars.access.a.reads: Field required"),
        ({"a": {"reads": ["marts"], "raeds": []}}, "vars.access.a.raeds: Extra inputs"),
        ({"A B": {"reads": ["marts"]}}, "'A B' is not lower case"),
        ({"a": {"reads": ["marts"], "file_mode": "0644"}}, "the mode '0644': write 0600, or 0640"),
        ({"a": {"reads": ["marts"], "file_mode": "777"}}, "the mode '777'"),
        ({"a": {"reads": ["raw"], "file": "x"}}, "reads the whole file"),
        ({"a": {"reads": ["marts.gone"]}}, "vars.access.a: the project has no marts.gone"),
        ({"a": {"reads": ["marts"]}, "b": {"reads": ["marts"], "file": "a"}}, "two roles have the file 'a'"),
        ({"a": {"reads": ["marts"], "columns": {"restricted.patient_contacts": {"email": "masked"}}}},
         "restricted.patient_contacts is not a table that it reads"),
        ({"a": {"reads": ["restricted"], "columns": {"restricted.patient_contacts": {"mail": "masked"}}}},
         "restricted.patient_contacts has no column mail"),
        ({"a": {"reads": ["restricted"], "columns": {"restricted.patient_contacts": {"email": "gone"}}}},
         "columns.restricted.patient_contacts.email"),
        ({"a": {"reads": ["marts"], "rows": {"clinic.dim_patients": {"year": ["1"]}}}},
         "clinic.dim_patients has no column year"),
        ({"a": {"reads": ["marts"], "rows": {"restricted.patient_contacts": {"email": ["x"]}}}},
         "restricted.patient_contacts is not a table that it reads"),
        ({"a": {"reads": ["marts"], "rows": {"clinic.dim_patients": {"patient_key": ["a'b"]}}}}, "has no quote"),
        ({"a": {"reads": ["marts"], "rows": {"clinic.dim_patients": {"patient_key": []}}}}, "at least one value"),
        ({"a": {"reads": ["raw"], "rows": {"raw_clinic.patient": {"person_id": ["1"]}}}}, "reads the whole file"),
        ({"a": {"reads": ["restricted"], "columns": {"restricted.patient_contacts": {"email": "masked"}},
                "rows": {"restricted.patient_contacts": {"email": ["x"]}}}}, "chosen by email, which it may not see"),
        (["analyst"], "vars.access: "),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, access: Any, told: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read(tmp_path, access)
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.warehouse
def test_every_schema_of_the_project_has_a_verdict() -> None:
    from dbt.contracts.graph.manifest import WritableManifest  # slow to load

    from ingestion.pipeline.dbt import relations_of

    path = compiled_for("duckdb").parents[1] / "manifest.json"
    parsed = WritableManifest.upgrade_schema_version(json.loads(path.read_text()))
    relations = relations_of(parsed)
    declaration = read_declaration(ROOT)
    declaration.refuse_unknown(relations)
    readers: dict[str, set[str]] = {}
    for relation in relations:
        place = relation.place if relation.place.startswith("restricted") else relation.schema
        readers.setdefault(place, set()).update(declaration.readers(relation))
    raw = {place for place in readers if place.startswith("raw_")}
    inner = {"staging", "intermediate", "snapshots"}
    restricted = {place for place in readers if place.startswith("restricted.")}
    assert raw and inner < readers.keys() and restricted
    assert {place: readers[place] for place in raw} == {key: {"lander"} for key in raw}
    assert {place: readers[place] for place in inner} == {key: {"engineer"} for key in inner}
    for place in restricted:
        allowed = {"desk"} if place in ("restricted.clinic", "restricted.billing") else set()
        assert readers[place] == allowed, place
    for place in readers.keys() - raw - inner - restricted:
        assert {"analyst", "engineer"} <= readers[place] <= {"analyst", "engineer", "desk"}, place
