"""Marts that may leave the house: no hidden cell follows from all that is released; nothing is finer than allowed."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

import duckdb
import pyarrow as pa
import pytest

from tests.privacy.gates import graph
from tools.lineage import HASHED, YEAR, ZIP3
from tools.project import ROOT, TARGETS, compiled_for

SMALL = range(1, 11)
MARTS = {"visits_by_year": ("visit_year", "attribute", "category", ("patients", "visits"))}
"""Of each mart in `released`: what adds up to the row `all` of what, and its counts."""

MUTANTS = {
    "nothing is hidden": ("not is_hidden", "true"),
    "only the small cell itself": (" or patients_below <= 10", ""),
    "ten is shown": ("fewest <= 10 and (patients <= 10", "fewest <= 9 and (patients <= 9"),
    "one more cell is not enough": ("patients_below <= 10", "patients_below <= 4"),
    "by the count of visits": ("patients <= 10", "visits <= 10"),
    "visits beside hidden patients": ("case when not is_hidden then visits end", "visits"),
    "patients beside hidden visits": ("case when not is_hidden then patients end", "patients"),
    "all is always shown": (
        "case when not is_hidden then",
        "case when not is_hidden or attribute = 'all' then",
    ),
    "the largest cell is shown": (
        "fewest <= 10 and (",
        "patients < max(patients) over (partition by visit_year, attribute) and fewest <= 10 and (",
    ),
}


@pytest.fixture(scope="module")
def sql() -> str:
    """The mart as DuckDB gets it, over tables of one's own."""
    path = compiled_for("duckdb") / "models/marts/released/visits_by_year.sql"
    return re.sub(r"from \S*?\.?(?:clinic)\.(\w+)", r"from \1", path.read_text())


Rows = list[dict[str, object]]


def practice(dice: random.Random, patients: int) -> duckdb.DuckDBPyConnection:
    """A practice of this number of patients, with one to three visits each, some in the wrong year's band."""
    connection = duckdb.connect()
    people = [
        (
            f"p{n}",
            dice.choice([1931, 1950, 1970, 1980, 2000, 2012, None]),
            dice.choice(["021", "021", "100", "000"]),
        )
        for n in range(patients)
    ]
    visits = [
        (key, dice.choices(["i0", "i1", "i2", "i3"], [12, 5, 1, 1])[0], dice.choice([2021, 2022]))
        for key, *_ in people
        for _ in range(dice.randint(1, 3))
    ]
    made = {
        "dim_patients": (["patient_key", "birth_year", "zip_area"], people),
        "dim_insurance_plans": (
            ["insurance_plan_key", "plan_name"],
            [(f"i{n}", f"Plan {n}") for n in range(4)],
        ),
        "visits": (["patient_key", "insurance_plan_key", "year"], visits),
    }
    for name, (columns, rows) in made.items():
        arrays = [pa.array(column) for column in zip(*rows, strict=True)]
        connection.register(name, pa.table(dict(zip(columns, arrays, strict=True))))
    connection.execute(
        "create table fct_encounters as select *, patient_key as patient_durable_key,"
        " 'completed' as outcome, make_date(year, 5, 1) as visit_date from visits"
    )
    return connection


def released(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    """The rows of the mart."""
    found = connection.execute(sql)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def recomputed(shown: Rows, truth: Rows) -> list[str]:
    """What a reader of everything that is released can tell of a cell of 1 to 10 patients.

    Unknown cells are solved for from all sums at once. One that is not determined still must not be bounded to a single
    figure: two and more unknown cells with more than ten patients together leave room.
    """
    year, attribute, category, counts = MARTS["visits_by_year"]
    real = {(r[year], r[attribute], r[category]): r for r in truth}
    small = {key for key, row in real.items() if int(str(row["patients"])) in SMALL}
    told = [
        f"{key} {name}"
        for row in shown
        for name in counts
        if row[name] is not None and (key := (row[year], row[attribute], row[category])) in small
    ]
    unknown = [
        key
        for row in shown
        if row["visits"] is None
        for key in [(row[year], row[attribute], row[category])]
    ]
    groups: dict[tuple[object, object], Rows] = defaultdict(list)
    for row in shown:
        groups[row[year], row[attribute]].append(row)
    sums = []
    for (when, what), rows in groups.items():
        (total,) = groups[when, "all"]
        if what == "all":
            continue
        line = {
            (r[year], r[attribute], r[category]): Fraction(1) for r in rows if r["visits"] is None
        }
        known = Fraction(sum(int(str(r["visits"])) for r in rows if r["visits"] is not None))
        if total["visits"] is None:
            line[when, "all", "all"] = Fraction(-1)
            sums.append((line, -known))
        else:
            sums.append((line, Fraction(int(str(total["visits"]))) - known))
        hidden = [(r[year], r[attribute], r[category]) for r in rows if r["patients"] is None]
        together = sum(int(str(real[key]["patients"])) for key in hidden)
        if hidden and total["patients"] is not None and together in SMALL:
            told.append(f"{when} {what}: {together} patients in {len(hidden)} cells")
    told += [f"{key} follows" for key in solved(sums, unknown) if key in small or key in unknown]
    return told


Cell = tuple[object, object, object]


def solved(
    sums: list[tuple[dict[Cell, Fraction], Fraction]], unknown: list[Cell]
) -> Iterator[Cell]:
    """The cells that a system of sums determines (Gauss and Jordan, exactly)."""
    rows = [(dict(line), value) for line, value in sums]
    done: list[tuple[dict[Cell, Fraction], Fraction]] = []
    for cell in unknown:
        pivot = next((row for row in rows if row[0].get(cell)), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        by = pivot[0][cell]
        pivot = ({k: v / by for k, v in pivot[0].items()}, pivot[1] / by)
        rows, done = (
            [_less(row, pivot, cell) for row in rows],
            [_less(row, pivot, cell) for row in done],
        )
        done.append(pivot)
    for line, _ in done:
        left = [cell for cell, factor in line.items() if factor]
        if len(left) == 1:
            yield left[0]


def _less(
    row: tuple[dict[Cell, Fraction], Fraction],
    pivot: tuple[dict[Cell, Fraction], Fraction],
    cell: Cell,
) -> tuple[dict[Cell, Fraction], Fraction]:
    by = row[0].get(cell, Fraction(0))
    cells = row[0].keys() | pivot[0].keys()
    line = {c: row[0].get(c, Fraction(0)) - by * pivot[0].get(c, Fraction(0)) for c in cells}
    return line, row[1] - by * pivot[1]


def practices() -> Iterator[duckdb.DuckDBPyConnection]:
    """From a handful of patients to some hundreds."""
    for seed in range(21):
        yield practice(random.Random(seed), [4, 11, 14, 25, 60, 120, 300][seed % 7])


def test_no_small_cell_can_be_recomputed_from_everything_that_is_released(sql: str) -> None:
    hidden = shown = 0
    for made in practices():
        rows = released(made, sql)
        truth = released(made, sql.replace(*MUTANTS["nothing is hidden"]))
        assert recomputed(rows, truth) == []
        hidden += sum(row["visits"] is None for row in rows)
        shown += sum(row["visits"] is not None for row in rows)
    assert hidden > 100
    assert shown > 100


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_attack_finds_what_hides_too_little(sql: str, mutant: str) -> None:
    told, instead = MUTANTS[mutant]
    assert told in sql
    leaking, whole = (sql.replace(*one) for one in ((told, instead), MUTANTS["nothing is hidden"]))
    assert any(recomputed(released(made, leaking), released(made, whole)) for made in practices())


def test_every_mart_that_is_released_is_attacked() -> None:
    folder = ROOT / "models/marts/released"
    assert {path.stem for path in folder.glob("*.sql")} == set(MARTS)


def test_nothing_finer_than_safe_harbor_is_released(sql: str) -> None:
    made = practice(random.Random(1), 300)
    kinds = {row[0]: row[1] for row in made.execute(f"describe {sql}").fetchall()}
    assert not {kind for kind in kinds.values() if kind not in ("VARCHAR", "BIGINT", "BOOLEAN")}
    assert not [
        name for name in kinds if name.endswith(("_date", "_on", "_at", "_id", "_pseudonym"))
    ]
    rows = released(made, sql)
    assert {len(str(r["category"])) for r in rows if r["attribute"] == "zip_area"} == {3}
    bands = {r["category"] for r in rows if r["attribute"] == "age"}
    assert bands == {"under 18", "18 to 39", "40 to 64", "65 and over, or not known"}


def test_the_guide_says_of_each_mart_of_the_practice_what_it_is_under_hipaa() -> None:
    guide = (ROOT / "docs/guides/privacy.md").read_text()
    for area in ("clinic", "released"):
        for path in sorted((ROOT / "models/marts" / area).rglob("*.sql")):
            assert f"`{path.stem}`" in guide or f"`{area}.{path.stem}`" in guide, path.stem
    for area in {path.name for path in (ROOT / "models/marts").iterdir() if path.is_dir()}:
        assert f"`{area}." in guide, area


@pytest.mark.parametrize(
    "target",
    # slow where the project has to be compiled for one more engine
    [pytest.param(t, marks=[] if t == "duckdb" else pytest.mark.slow) for t in TARGETS],
)
def test_nothing_of_a_person_reaches_a_released_mart_but_years_and_three_digits(
    target: str,
) -> None:
    relations = graph(target).lineage.relations
    for mart in MARTS:
        for column, carried in relations[f"released.{mart}"].items():
            assert {form for _, form in carried} <= {YEAR, ZIP3, HASHED}, (column, sorted(carried))
