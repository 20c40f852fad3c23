"""The result of reading the inbox: extracts that may be landed, or the reason why not, and the choice among them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from ingestion.aws import S3_SCHEME, is_on_s3
from ingestion.codes import Code
from ingestion.contract import Delivery, Project, Table
from ingestion.errors import BadSettings
from ingestion.inbox.exports import Promise, Sets
from ingestion.outcome import printable
from ingestion.store import INBOX, StoredObject

_TRICKS = re.compile(r"""[\x00-\x1f\x7f\\'"`;%<>|*?$&\ud800-\udfff]""")


@dataclass(frozen=True)
class Candidate:
    """An extract as it lies in the inbox. `name` is below the inbox; the name of several parts has a word for the part.

    `markers` are objects without rows that leave the inbox with it: an extract without objects is found by them.

    `code` says why it cannot be landed, `detail` more about it: it waits when `is_waiting`, else it is refused. Without
    a code, table, delivery and times are set (`extracted_at` without zone). `is_undated`: it loads a table again of
    which changes have come, and nothing tells when. `promise` comes from the record of its set.
    """

    name: str
    objects: tuple[StoredObject, ...]
    table: Table | None = None
    delivery: Delivery | None = None
    extract_date: date | None = None
    extracted_at: datetime | None = None
    code: Code | None = None
    detail: str = ""
    is_waiting: bool = False
    is_dated_by_hand: bool = False
    is_undated: bool = False
    promise: Promise | None = None
    markers: tuple[StoredObject, ...] = ()

    @property
    def source(self) -> str:
        """The source, from the contract or else from the first folder of its name."""
        return self.table.source if self.table else self.name.split("/")[0]

    @property
    def table_name(self) -> str | None:
        """The name of its table in its source, if a contract claims it."""
        return self.table.name if self.table else None

    @property
    def modified_at(self) -> datetime:
        """When the newest of its objects was modified, UTC; the extract time for a set without objects."""
        empty = self.promise.moment if self.promise else datetime.min
        return max((found.modified_at for found in self.objects), default=empty)

    @property
    def order(self) -> tuple[date, datetime, datetime, str]:
        """Extracts are landed in the order of their loads; extracts that cannot be landed come first."""
        return (
            self.extract_date or date.min,
            self.extracted_at or datetime.min,
            self.modified_at,
            self.name,
        )


@dataclass
class Survey:
    """The inbox at one moment. `companions` are objects that carry no rows but belong to one of the `sets`, `markers`
    are the empty objects by which a source says that it has delivered everything."""

    sets: Sets
    candidates: list[Candidate] = field(default_factory=list)
    companions: list[StoredObject] = field(default_factory=list)
    markers: list[StoredObject] = field(default_factory=list)

    def companions_of(self, folder: str) -> list[StoredObject]:
        """The companions of the set of this folder, in the order in which they may be cleared: a summary after its
        list."""
        mine = [c for c in self.companions if self.sets.belongs(c.key.removeprefix(INBOX), folder)]
        return sorted(mine, key=lambda found: found.key)


def is_bad_name(name: str) -> bool:
    """Whether a name below the inbox is hostile: steps out of its folder, escapes, quotes, control characters."""
    return bool(_TRICKS.search(name)) or any(step in ("", ".", "..") for step in name.split("/"))


def is_marker(found: StoredObject) -> bool:
    """Whether an object of the inbox is such a marker: a source's `_ready`, without content."""
    return found.key.endswith("/_ready") and found.size == 0


def name_in_inbox(object_key: str, root: str) -> str:
    """An object's name below the inbox of the lake at `root`, from any form: its whole address, its key in the bucket
    (as in an upload event), from `inbox/` on, or below it; as it is, or as reports print it.
    """
    prefix = root.removeprefix(S3_SCHEME).partition("/")[2] if is_on_s3(root) else root
    name = object_key.removeprefix(f"{root}/")
    if prefix and name.startswith(f"{prefix}/{INBOX}"):
        name = name.removeprefix(f"{prefix}/")
    return name.removeprefix(INBOX)


def check_source(project: Project, candidates: Iterable[Candidate], source: str) -> None:
    """Raise BadSettings for a source that neither a contract nor a file of the inbox has."""
    contracted = sorted({table.source for table in project})
    if source not in {*contracted, *(candidate.source for candidate in candidates)}:
        raise BadSettings(f"no source {printable(source)}: there are {', '.join(contracted)}")


def chosen(
    candidates: Iterable[Candidate], source: str | None, wanted: str | None
) -> list[Candidate]:
    """The candidates of one source, or the one that is, or holds, the object `wanted` (its name below the inbox)."""
    return [
        candidate
        for candidate in candidates
        if source in (None, candidate.source)
        if wanted is None
        or wanted in (candidate.name, printable(candidate.name))
        or any(
            INBOX + wanted in (f.key, printable(f.key))
            for f in (*candidate.objects, *candidate.markers)
        )
        or (candidate.promise and wanted.startswith(candidate.promise.folder))
    ]
