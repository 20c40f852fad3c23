"""`reland`: lands a load again from the archive, under today's contract, as its next generation."""

from ingestion.forgotten import listed, read_forgotten
from ingestion.inbox import Refusals
from ingestion.land.again import land_again
from ingestion.land.commit import registrations
from ingestion.land.context import Context
from ingestion.land.workplace import check_key, make_visible, workplace
from ingestion.loads import read_loads
from ingestion.outcome import Outcome


def reland(context: Context, table_name: str, load_id: str | None = None) -> list[Outcome]:
    """Land again the loads of `source.table` that were landed under another contract than today's.

    With `load_id` only that load, whatever its contract; a retracted one then counts again. A load that today's
    contract refuses stays as it was, and its outcome says so. Raises BadSettings for an unknown table or load.
    """
    table = context.project.table(table_name)
    loads = read_loads(context.store)
    if load_id:
        chosen = [loads.by_id(table_name, load_id)]
    else:
        chosen = [
            load for load in loads.counted(table_name) if load.contract_hash != table.contract_hash
        ]
    check_key(context, [table] if chosen else [], dry_run=False)
    people = listed(read_forgotten(context.store))
    with workplace(context, loads, listed=people, by=context.acting) as work:
        outcomes = [land_again(work, table, load) for load in chosen]
    if any(outcome.outcome == "landed" for outcome in outcomes):
        # the earlier generations' partitions leave the catalogue
        context.catalog.register(registrations([table], loads))
    make_visible(context, loads, Refusals(context.store))
    return outcomes
