"""The order of a verification: manifests, their objects, and the tables made from them."""

from collections.abc import Iterator

from ingestion.contract import Table
from ingestion.errors import BadSettings
from ingestion.forgotten import read_forgotten
from ingestion.inbox import Refusals
from ingestion.land import Context, registrations
from ingestion.loads import MANIFESTS, Loads
from ingestion.published import unlike
from ingestion.verify.finding import ANEW, REBUILD, REGISTER, Finding, cache, lost
from ingestion.verify.forgotten import rows_left, unfinished, warehouses
from ingestion.verify.manifests import other_records, readable
from ingestion.verify.objects import Objects, discarded, strays

_PLACES = ("raw/", "archive/", "quarantine/", MANIFESTS)


def verify(context: Context, only: str | None = None, *, reads_all: bool = False) -> list[Finding]:
    """Compare the lake with its manifests, and the catalogue with both: of a source, a `source.table`, or of all.

    Sizes, counts and sums are compared; with `reads_all` every byte. Nothing is written. BadSettings for an unknown
    source or table, LandingFailed when the storage does not answer.
    """
    tables = _tables(context, only)
    store = context.store
    sizes = {found.key: found.size for place in _PLACES for found in store.list(place)}
    records = [key for key in sizes if key.startswith(MANIFESTS)]
    manifests, findings = readable(store, records)
    loads = Loads(manifests)
    people = read_forgotten(store)
    with store.scratch() as folder:
        objects = Objects(store, sizes, loads, folder, reads_all)
        findings += objects.compare(m for m in manifests if _is_of(m.full_name, only))
        findings += rows_left(store, tables, loads, people, folder)
        if only is None:
            findings += discarded(store, sizes, folder, reads_all)
    if only is None:
        findings += other_records(store, records)
        findings += strays(sizes, loads)
        findings += _derived(context, loads)
        findings += unfinished(people)
        if context.settings.target == "duckdb":
            findings += warehouses(context.settings.warehouse, people)
    findings += [
        cache(one.problem, one.table, ANEW if one.is_of_the_file else REGISTER)
        for one in context.catalog.differences(registrations(tables, loads))
    ]
    findings += _history(context, loads, only)
    return [one for one in findings if only is None or _concerns(one, only)]


def _tables(context: Context, only: str | None) -> list[Table]:
    found = [table for table in context.project if _is_of(table.full_name, only)]
    if not found:
        raise BadSettings(f"no contract for {only}: write it as source or source.table")
    return found


def _is_of(full_name: str, only: str | None) -> bool:
    return only is None or full_name == only or full_name.startswith(f"{only}.")


def _concerns(finding: Finding, only: str) -> bool:
    """Whether a finding is of the source or table: its key has their names between slashes, a table has dots."""
    steps = only.replace(".", "/")
    return f"/{steps}/" in finding.where or "/" not in finding.where


def _derived(context: Context, loads: Loads) -> Iterator[Finding]:
    refusals = Refusals(context.store)
    for key, problem, is_record in unlike(context.store, loads, refusals):
        if is_record:
            yield lost(f"record of a run {problem}", key, "restore it, or remove it")
        else:
            yield cache(f"derived table {problem}", key, REGISTER)


def _history(context: Context, loads: Loads, only: str | None) -> Iterator[Finding]:
    """History that was made from loads that do not count: superseded ones, or loads that no manifest names."""
    counted = {load.load_id for load in loads if loads.is_counted(load)}
    known = {load.load_id for load in loads}
    for load_id in sorted(set(context.catalog.taken_loads()) - counted):
        if load_id not in known:
            yield lost("history has a load that no manifest knows", load_id, REBUILD)
        elif only is None:
            yield cache(
                "history has a load that does not count", load_id, "python -m ingestion run"
            )
