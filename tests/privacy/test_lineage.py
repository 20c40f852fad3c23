"""No column of a mart is made of a personal column, except in the form that the column's contract allows."""

from dataclasses import dataclass

import pytest

from ingestion.contract import read_project
from tests.privacy.gates import graph, personal
from tools.lineage import Lineage, Unreadable
from tools.project import ROOT, TARGETS

pytestmark = pytest.mark.warehouse


@dataclass(frozen=True)
class Mutant:
    """A mart with one column more: an expression over a relation that holds what names a person."""

    mart: str
    relation: str
    expression: str


PATIENTS = "staging.stg_clinic__patients"
MUTANTS = {
    "a first name under another heading": Mutant("clinic.dim_patients", PATIENTS, "first_name"),
    "initials": Mutant(
        "clinic.dim_patients",
        PATIENTS,
        "substring(first_name, 1, 1) || substring(last_name, 1, 1)",
    ),
    "the md5 of a number": Mutant("billing.fct_claims", PATIENTS, "md5(patient_id)"),
    "the birth date as another column": Mutant(
        "clinic.fct_appointments", PATIENTS, "date_of_birth"
    ),
    "the month of birth": Mutant(
        "clinic.fct_appointments", PATIENTS, "date_trunc('month', date_of_birth)"
    ),
    "upper case": Mutant("clinic.dim_patients", PATIENTS, "upper(last_name)"),
    "a substring": Mutant("clinic.dim_patients", PATIENTS, "substring(email, 2, 5)"),
    "three letters of a name": Mutant(
        "clinic.dim_patients", PATIENTS, "substring(last_name, 1, 3)"
    ),
    "a whole zip code": Mutant("clinic.dim_patients", PATIENTS, "zip_code"),
    "the first two of five digits": Mutant(
        "clinic.dim_patients", PATIENTS, "substring(zip_code, 1, 2)"
    ),
    "a name in another source's mart": Mutant(
        "crm.dim_contacts", "staging.stg_salesforce__contacts", "first_name"
    ),
    "a text in a fact": Mutant("clinic.fct_reviews", "staging.stg_reviews__reviews", "review_text"),
    "one of two names": Mutant(
        "clinic.dim_patients", PATIENTS, "case when zip_code = '1' then last_name else 'x' end"
    ),
    "the greatest name": Mutant("clinic.visits", PATIENTS, "max(last_name) over ()"),
    "the words of a clerk": Mutant(
        "clinic.fct_encounters", "staging.stg_clinic__encounters", "source_status"
    ),
    "the phone of a sole trader": Mutant(
        "sales.dim_locations", "staging.stg_totesys__addresses", "phone"
    ),
    "a bank account": Mutant(
        "sales.fct_payments", "staging.stg_totesys__payments", "lower(company_account_number)"
    ),
    "a key of a bad row": Mutant(
        "operations.data_findings", "raw_landfall.quarantined_rows", "row_key"
    ),
}


def mutated(mutant: Mutant) -> str:
    """The SQL of a mart that has the mutant's column too."""
    return (
        f"select mart.*, leaking.told from {mutant.mart} as mart cross join"
        f" (select {mutant.expression} as told from {mutant.relation}) as leaking"
    )


@pytest.mark.parametrize("target", TARGETS)
def test_no_mart_holds_of_a_person_what_no_contract_allows(target: str) -> None:
    assert len(graph(target).marts) > 50
    assert graph(target).leaks() == []


@pytest.mark.parametrize("target", TARGETS)
def test_the_lineage_knows_every_column_that_a_mart_has(target: str) -> None:
    told = {
        mart: sorted({column.lower() for column in node["columns"]} ^ set(known))
        for mart, node in graph(target).marts.items()
        if (known := graph(target).lineage.relations[mart])
    }
    assert {mart: columns for mart, columns in told.items() if columns} == {}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", MUTANTS)
def test_a_mart_that_leaks_is_found(target: str, name: str) -> None:
    mutant = MUTANTS[name]
    assert mutant.mart in graph(target).marts
    found = graph(target).leaks_of(mutant.mart, mutated(mutant))
    assert found and all(line.startswith(f"{mutant.mart}.told holds ") for line in found)


@pytest.mark.parametrize(
    "expression",
    [
        "patient_pseudonym",
        "extract(year from date_of_birth)",
        "substring(zip_code, 1, 3)",
        "count(distinct email)",
        "row_number() over (order by last_name)",
        "case when date_of_birth > date '2000-01-01' then 'young' else 'old' end",
        "first_name is null",
    ],
)
def test_what_is_coarse_enough_is_let_through(expression: str) -> None:
    mutant = Mutant("clinic.dim_patients", PATIENTS, expression)
    assert graph("duckdb").leaks_of(mutant.mart, mutated(mutant)) == []


def test_every_personal_column_is_watched_and_most_are_seen_in_the_graph() -> None:
    watched = set(personal())
    assert len(watched) == sum(
        column.sensitivity != "none" for table in read_project(ROOT) for column in table.columns
    )
    seen = {
        origin
        for columns in graph("duckdb").lineage.relations.values()
        for carried in columns.values()
        for origin, _ in carried
    }
    assert watched <= seen


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select c from x.t", "no column c"),
        ("select a from x.other", "no relation x.other"),
        ("select t.a from x.t as u", "no column t.a"),
        ("select a from x.t union all select a, b from x.t", "different widths"),
    ],
)
def test_what_the_gate_cannot_read_is_an_error_and_no_yes(sql: str, told: str) -> None:
    known = Lineage("duckdb", {"x.t": {"a": frozenset({("s.t.a", "as_is")}), "b": frozenset()}})
    with pytest.raises(Unreadable, match=told):
        known.add("x.view", sql)
