"""Finishes every forgetting: writes new generations without the person, then deletes the objects that held the person.

The list is written first, so that no file brings the person back meanwhile. After a kill at any point the person is on
the list and not finished; the next `land`, `run` or `forget` does the rest.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ingestion.contract import Table
from ingestion.errors import LandingFailed
from ingestion.forgotten import Forgotten, ForgottenPerson, listed
from ingestion.inbox import DISCARDED_OBJECTS, Refusals
from ingestion.land.again import land_again
from ingestion.land.commit import register_all
from ingestion.land.context import Context
from ingestion.land.holding import Holding
from ingestion.land.workplace import workplace
from ingestion.loads import Loads, Manifest, refresh
from ingestion.outcome import Outcome
from ingestion.published import is_record_of_discard, publish_derived

logger = logging.getLogger(__name__)

_QUARANTINED_ROWS = "raw/landfall/quarantined_rows/"
_ROUNDS = 5


@dataclass
class Erasure:
    """The results. `outcomes` are loads with a new generation, or a refused one; `discarded` counts discarded objects,
    `left` lists what the storage keeps, `to_do` the actions that are left to a person.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    discarded: int = 0
    left: list[str] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[Outcome]:
        """The loads that still hold the person."""
        return [one for one in self.outcomes if one.outcome == "refused"]


def finish(context: Context, loads: Loads, people: Sequence[ForgottenPerson]) -> Erasure:
    """Finish every forgetting as far as possible; an obstacle gives a warning, and the next command tries again."""
    if all(one.finished_at for one in people):
        return Erasure()
    if context.pseudonyms is None:
        logger.warning("a person is still to be forgotten: set LANDFALL_KEY or LANDFALL_KEY_SECRET")
        return Erasure()
    try:
        done = erase(context, loads, people)
    except LandingFailed as error:
        logger.warning("a person is not forgotten yet, the next command tries again: %s", error)
        return Erasure()
    for one in done.refused:
        logger.warning(
            "load %s still holds a forgotten person: %s", one.load_id, one.message or one.code
        )
    return done


def erase(context: Context, loads: Loads, people: Sequence[ForgottenPerson]) -> Erasure:
    """Remove every unfinished person on the list from the lake. LandingFailed when the storage fails."""
    due = [one for one in people if one.finished_at is None]
    who, done = listed(due), Erasure()
    _make_generations(context, loads, people, who, done)
    register_all(context, loads, None)
    _remove(context, loads, who, done)
    if not done.refused:
        for one in due:
            changes = {"finished_at": context.clock(), "left": tuple(done.left)}
            again = one.model_copy(update=changes)
            context.store.put(again.key, again.to_bytes())
    return done


def tables_of(context: Context, who: Forgotten) -> list[Table]:
    """The tables that may hold the persons."""
    return [table for table in context.project if who.of(table)]


def _make_generations(
    context: Context,
    loads: Loads,
    people: Sequence[ForgottenPerson],
    who: Forgotten,
    done: Erasure,
) -> None:
    """A new generation of every load that holds them; repeated for loads that other landers commit meanwhile."""
    seen: set[str] = set()
    with workplace(context, loads, listed=listed(people)) as work:
        for _ in range(_ROUNDS):
            for table in tables_of(context, who):
                for load in _newest(loads, table):
                    if load.key in seen:
                        continue
                    seen.add(load.key)
                    if held(context, loads, table, load, who):
                        outcome = land_again(work, table, load, act="forgot")
                        done.outcomes += [outcome] if outcome.outcome != "nothing" else []
            if not refresh(context.store, loads):
                return


def held(context: Context, loads: Loads, table: Table, load: Manifest, who: Forgotten) -> bool:
    """Whether a generation of the load that is not erased holds them."""
    with context.store.scratch() as folder:
        holding = Holding(context, who, folder)
        return any(
            holding.load(table, one) for one in loads.generations(load) if not loads.is_erased(one)
        )


def _newest(loads: Loads, table: Table) -> list[Manifest]:
    """The newest generation of every load of a table, retracted ones too, in load order."""
    mine = {load.base_load_id: load for load in loads if load.full_name == table.full_name}
    newest = [loads.newest(table.full_name, base) for base in mine]
    return sorted((load for load in newest if load), key=lambda load: load.order)


def _remove(context: Context, loads: Loads, who: Forgotten, done: Erasure) -> None:
    """Erase objects that no generation needs, discarded files of the persons, and older versions of derived tables."""
    store = context.store
    erased = [load for load in loads if loads.is_erased(load)]
    needed = {key for load in loads if not loads.is_erased(load) for key in load.object_keys}
    gone = {key for load in erased for key in load.object_keys} - needed
    with store.scratch() as folder:
        holding = Holding(context, who, folder)
        strays = _strays(context, tables_of(context, who), needed | gone)
        gone |= {key for key in strays if holding.object(key)}
        aside = [found.key for found in store.list(DISCARDED_OBJECTS)]
        aside = [key for key in aside if not is_record_of_discard(key) and holding.object(key)]
    done.discarded = len(aside)
    done.left += store.erase(sorted(gone | set(aside)))
    # older objects of the derived tables otherwise stay for a day: by a later clock all of them go
    later = context.clock() + timedelta(days=2)
    publish_derived(store, context.catalog, loads, Refusals(store), later, again=True)
    names = {part.name for load in erased for part in load.objects}
    done.left += store.erase([*sorted(names), _QUARANTINED_ROWS], but_the_newest=True)


def _strays(context: Context, tables: Iterable[Table], known: set[str]) -> list[str]:
    """Objects of the tables that no generation names: left by a killed lander."""
    return [
        found.key
        for table in tables
        for place in ("raw", "archive", "quarantine")
        for found in context.store.list(f"{place}/{table.source}/{table.name}/")
        if found.key not in known
    ]
