"""Snapshot exports of RDS and Aurora: complete once `export_info_<export>.json` says so, for its snapshot's time.

The file lies beside the export's folder or inside it; once its export is landed it lies in the archive. Its words are
those of DescribeExportTasks (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ExportTask.html).
"""

import json
import re
from datetime import UTC, datetime

from ingestion.store import Store

COMPANION = re.compile(r"(?:.*/)?(?:export(?:_tables)?_info_[^/]+\.json|_success)", re.IGNORECASE)
"""What an export carries beside its data."""


class Exports:
    """Looks up the exports of an inbox, each once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], datetime | None] = {}

    def snapshot_time(self, parent: str, export: str) -> datetime | None:
        """The snapshot's time (UTC without zone) of a complete export in the inbox's folder `parent`, else None."""
        if (parent, export) not in self._known:
            self._known[parent, export] = self._look_up(parent, export)
        return self._known[parent, export]

    def _look_up(self, parent: str, export: str) -> datetime | None:
        name = f"export_info_{export}.json"
        for key in (
            f"inbox/{parent}{name}",
            f"inbox/{parent}{export}/{name}",
            archived_info(parent + name),
        ):
            data = self._store.read(key)
            if data is not None:
                return _complete_since(data)
        return None


def archived_info(name: str) -> str:
    """Where an export's companion of this name is kept once its export is landed."""
    return f"archive/{name}"


def is_companion_of(name: str, parent: str, export: str) -> bool:
    """Whether a companion of this name belongs to the export whose folder lies in `parent`: in the folder or beside."""
    if name.startswith(f"{parent}{export}/"):
        return True
    beside = name.removeprefix(parent)
    return bool(
        re.fullmatch(rf"export(_tables)?_info_{re.escape(export)}(_from_.*)?\.json", beside)
    )


def _complete_since(data: bytes) -> datetime | None:
    """The snapshot's time when the export is complete; None when it is not, or the file is not whole yet."""
    try:
        info = json.loads(data)
    except ValueError:
        return None
    if not isinstance(info, dict):
        return None
    facts = {str(name).lower(): value for name, value in info.items()}
    if str(facts.get("status", "")).upper() != "COMPLETE":
        return None
    try:
        time = datetime.fromisoformat(str(facts.get("snapshottime")))
    except ValueError:
        return None
    # without a zone the time is UTC, as all times of RDS are
    return (time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None)
