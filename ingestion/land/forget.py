"""`forget`: puts a person on the list and removes the person from the lake; the next run rebuilds the warehouse."""

import uuid
from collections.abc import Iterator

from ingestion.errors import BadSettings
from ingestion.forgotten import ForgottenPerson, listed, read_forgotten
from ingestion.inbox import DISCARDED_OBJECTS
from ingestion.land.context import Context
from ingestion.land.erase import Erasure, erase, held, tables_of
from ingestion.land.holding import Holding
from ingestion.loads import read_loads
from ingestion.logs import current_run_id
from ingestion.outcome import printable
from ingestion.pseudonyms import Pseudonymiser, refuse_other_key
from ingestion.store import INBOX, hold_lease


def forget(context: Context, domain: str, identifier: str, reason: str) -> Erasure:
    """Remove a person from every object of the lake, and drop or empty the person's rows whenever a file brings them.

    `identifier` is the source's identifier of the person, in the pseudonym domain. For a person on the list it starts
    again. BadSettings for an unknown domain, without a reason, without the key, or when nothing holds the identifier;
    LandingFailed when the storage stops it: the next command goes on then.
    """
    key, text = _checked(context, domain, identifier, reason)
    with hold_lease(context.store, context.clock, current_run_id()):
        people = read_forgotten(context.store)
        person = ForgottenPerson(
            domain=domain,
            pseudonym=key.value(text, domain),
            replacement=f"forgotten-{uuid.uuid4().hex[:16]}",
            reason=reason,
            by=context.acting,
            forgotten_at=context.clock(),
        )
        known = next((one for one in people if one.key == person.key), None)
        if known:
            person = known.model_copy(update={"finished_at": None, "left": ()})
        elif not _is_anywhere(context, person):
            raise BadSettings(f"nothing in the lake holds this identifier in domain {domain}")
        context.store.put(person.key, person.to_bytes())
        # read again: another process may have put others on it
        done = erase(context, read_loads(context.store), read_forgotten(context.store))
        done.to_do = [*_in_the_inbox(context, person), *_other_warehouses(context)]
        return done


def _checked(
    context: Context, domain: str, identifier: str, reason: str
) -> tuple[Pseudonymiser, str]:
    domains = {c.pseudonym for table in context.project for c in table.columns if c.pseudonym}
    if domain not in domains:
        raise BadSettings(f"no contract has the domain {domain}: {', '.join(sorted(domains))}")
    if not reason.strip():
        raise BadSettings("say why: --reason is kept in the record")
    if not identifier.strip():
        raise BadSettings("no identifier on standard input: write it there, on one line")
    if context.pseudonyms is None:
        raise BadSettings("a person is found by pseudonym: set LANDFALL_KEY or LANDFALL_KEY_SECRET")
    refuse_other_key(context.store, context.pseudonyms, remember=False)
    return context.pseudonyms, identifier.strip()


def _in_the_inbox(context: Context, person: ForgottenPerson) -> Iterator[str]:
    """Waiting and refused files that hold the person: files of the inbox do not change before they land."""
    with context.store.scratch() as folder:
        holding = Holding(context, listed([person]), folder)
        for found in context.store.list(INBOX):
            if found.is_file and holding.object(found.key):
                name = printable(found.key)
                yield f"{name} holds the person: land it, or discard it and forget again"


def _other_warehouses(context: Context) -> Iterator[str]:
    """DuckDB files that no plain run rebuilds."""
    published = context.settings.warehouse
    if context.settings.target != "duckdb":
        return
    for path in sorted(published.parent.glob("*.duckdb")):
        if not path.name.startswith(published.stem):
            yield f"{path.name} may hold the person: remove it, or build it anew with --into"


def _is_anywhere(context: Context, person: ForgottenPerson) -> bool:
    """Whether a load or a discarded file holds the person."""
    who, loads = listed([person]), read_loads(context.store)
    if any(
        held(context, loads, table, load, who)
        for table in tables_of(context, who)
        for load in loads
        if load.full_name == table.full_name
    ):
        return True
    with context.store.scratch() as folder:
        holding = Holding(context, who, folder)
        return any(holding.object(found.key) for found in context.store.list(DISCARDED_OBJECTS))
