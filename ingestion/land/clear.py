"""Step 8 of the protocol: landed extracts leave the inbox, and the records of sets go to the archive."""

from collections.abc import Iterable, Sequence

from ingestion.inbox import Survey, archived
from ingestion.land.extract import Result
from ingestion.store import INBOX, Store, StoredObject


class Clearing:
    """Clears the inbox of a survey. `cleared` are the names of the extracts that have left it.

    The companions of a set leave with the last of its extracts, an extract's own markers before its objects. The object
    by which an extract is found leaves last: the listing record, if a record lists its files, else the files, or the
    markers where it has none. So the next run recognises and clears whatever a kill leaves.
    """

    def __init__(self, store: Store, survey: Survey) -> None:
        self._store, self._survey = store, survey
        self.cleared: set[str] = set()

    def clear(self, done: Sequence[Result]) -> None:
        """Remove the objects of these extracts, and archive the companions of sets that are complete with them."""
        self.cleared |= {result.candidate.name for result in done}
        left = [c.name for c in self._survey.candidates if c.name not in self.cleared]
        # folders of sets by whether a record lists their files
        promises = [result.candidate.promise for result in done if result.candidate.promise]
        sets = {promise.folder: promise.files is not None for promise in promises}
        complete = {
            folder: is_listed
            for folder, is_listed in sets.items()
            if not any(name.startswith(folder) for name in left)
        }
        self._archive_companions(folder for folder, is_listed in complete.items() if not is_listed)
        self._archive(marker for result in done for marker in result.candidate.markers)
        for result in done:
            for found in result.read:
                self._store.delete(found.key, found.etag)
        self._archive_companions(folder for folder, is_listed in complete.items() if is_listed)

    def _archive_companions(self, folders: Iterable[str]) -> None:
        for folder in folders:
            self._archive(self._survey.companions_of(folder))

    def _archive(self, companions: Iterable[StoredObject]) -> None:
        for companion in companions:
            data = self._store.read(companion.key)
            if data is not None:
                self._store.put(archived(companion.key.removeprefix(INBOX)), data)
                self._store.delete(companion.key, companion.etag)
