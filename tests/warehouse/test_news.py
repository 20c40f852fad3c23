"""A run that builds only what lies downstream of new loads ends in the cells of a run that builds everything."""

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from samples import inventory, practice, shop
from tests.warehouse.conftest import Warehouse
from tests.warehouse.practice import RECORDS, Practice, hash_of

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

OPTIONS = practice.Options(days=7, patients=30, employees=6, seed=11, clean=True)
STEPS = 2
OF_RUNS = "'stg_landfall__runs', 'run_nodes', 'int_table_operations_listed', 'table_operations'"
"""What tells of the runs themselves, and of their times."""
LEFT_OUT = re.compile(r"^  access:\n(    .*\n)+|    \+severity: error$", re.MULTILINE)
LESS = {"  access": "  access: {}\n", "    +severity": "    +enabled: false"}
BUILT = re.compile(r"^built (\d+) of (\d+) nodes: (.*)$", re.MULTILINE)


@dataclass
class Deliveries:
    """A practice, a shop and a store, what they have yet to deliver, and the chance that draws from it."""

    practice: Practice
    later: list[Path]
    chance: random.Random
    folder: Path

    def deliver(self, spoil: Callable[[list[str]], list[str]] = lambda lines: lines) -> None:
        """Put one of the extracts that have not come yet into the inbox: days come in any order."""
        extract = self.later.pop(self.chance.randrange(len(self.later)))
        target = self.practice.lake / "inbox" / extract.relative_to(self.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(spoil(extract.read_text().split("\n"))))

    def quarantine(self) -> None:
        """Deliver an extract with a row that has too few cells."""
        self.deliver(lambda lines: [*lines[:2], lines[2].split(",")[0], *lines[3:]])

    def refuse(self) -> None:
        """Deliver an extract that no one can read."""
        self.deliver(lambda lines: ["what,is,this", *lines[1:]])

    def retract(self) -> None:
        """Take a load back that counts."""
        table, load = self._load()
        self.command("retract", table, "--load", load, "--reason", "drawn")

    def land_again(self) -> None:
        """Land a load again from the archive."""
        table, load = self._load()
        self.command("reland", table, "--load", load)

    def build_another_day(self) -> None:
        """Build an earlier day beside the published file."""
        ((day,),) = self.practice.query(
            "select cast(min(as_of_date) as varchar) from intermediate.int_as_of_dates"
        )
        self.command("run", "--as-of", str(day), "--into", "aside")

    def forget(self) -> None:
        """Forget the first patient of the first day, who is in later extracts too."""
        first = min(self.folder.glob("clinic/2*/patient.csv")).read_text().split("\n")[1]
        who = first.split(",")[0]
        self.command("forget", "person", "--reason", "asked for it", stdin=f"{who}\n")

    def _load(self) -> tuple[str, str]:
        loads = self.practice.query(
            "select source_name || '.' || table_name, load_id from raw_landfall.loads"
            " where is_counted order by 1, 2"
        )
        table, load = self.chance.choice(loads)
        return str(table), str(load)

    def command(self, *words: str, stdin: str = "") -> str:
        done = self.practice.command(*words, stdin=stdin)
        assert done.returncode in (0, 3), done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    """Most of a week of three sources. What changes no cell is left out: the tests of the data, the roles' files."""
    made = Practice(tmp_path / "practice")
    settings = made.project / "dbt_project.yml"
    without, count = LEFT_OUT.subn(lambda found: LESS[found[0].split(":")[0]], settings.read_text())
    assert count == len(LESS)
    settings.write_text(without)
    folder = tmp_path / "delivered"
    for source in (practice, shop, inventory):
        source.write(folder, OPTIONS)
    chance = random.Random(OPTIONS.seed)
    extracts = sorted(path for path in folder.rglob("2*/*.csv"))
    # of the last day nothing has come, so that one extract of it moves the day of whole areas
    last_day = max(path.parent.name for path in extracts)
    later = [path for path in extracts if path.parent.name == last_day]
    later += chance.sample(sorted(set(extracts) - set(later)), len(later))
    for extract in set(extracts) - set(later):
        target = made.lake / "inbox" / extract.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(extract, target)
    return Deliveries(made, later, chance, folder)


def test_what_is_built_downstream_of_new_loads_has_the_cells_of_a_whole_build(
    deliveries: Deliveries,
) -> None:
    deliveries.command("land")
    deliveries.forget()
    assert not BUILT.search(deliveries.command("run"))
    events = [
        *(deliveries.deliver, deliveries.deliver, deliveries.deliver, deliveries.quarantine),
        *(deliveries.refuse, deliveries.retract, deliveries.land_again),
        deliveries.build_another_day,
    ]
    deliveries.chance.shuffle(events)
    for step in range(STEPS):
        for event in events[step::STEPS]:
            event()
        built = BUILT.search(deliveries.command("run"))
        assert built and int(built[1]) < int(built[2]) / 2
        assert differing(deliveries.practice) == []


def differing(made: Practice) -> list[str]:
    """The relations of the published file that a whole build over the same lake makes otherwise."""
    # of the same name: as another database, dbt would parse the project anew
    whole = made.warehouse.parent / "whole" / made.warehouse.name
    whole.parent.mkdir(exist_ok=True)
    whole.unlink(missing_ok=True)
    done = made.module("ingestion", "run", LANDFALL_WAREHOUSE=str(whole))
    assert done.returncode in (0, 3), done.stdout + done.stderr
    found, wanted = cells(made, made.warehouse), cells(made, whole)
    assert len(wanted) > 250
    return sorted(name for name in found.keys() | wanted if found.get(name) != wanted.get(name))


def cells(made: Practice, file: Path) -> dict[str, str]:
    """A hash over the rows of each relation that the project builds."""
    with made.connected(file) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema not like 'raw\\_%' escape '\\' and table_schema <> 'main'"
            f" and table_name not in {RECORDS} and table_name not in ({OF_RUNS})"
        ).fetchall()
        return {name: hash_of(connection.execute(f"from {name}").fetchall()) for (name,) in names}


@pytest.mark.parametrize(("command", "stays"), [("compile", True), ("seed", False)])
def test_what_dbt_builds_by_hand_is_not_taken_for_what_a_run_has_built(
    command: str, stays: bool, warehouse: Warehouse
) -> None:
    warehouse.execute("create table raw_landfall.built_from as select 'project' as part")
    done = warehouse.dbt(command, "--select", "areas")
    assert done.success, done.exception
    found = warehouse.rows("select * from duckdb_tables() where table_name = 'built_from'")
    assert bool(found) is stays
