"""The loads of a lake: one manifest each, whose creation is the commit, and all of them in order."""

from ingestion.loads.ledger import Loads, commit, derived_manifests, read_loads, rebase, refresh
from ingestion.loads.manifest import (
    MANIFESTS,
    Act,
    LoadOrder,
    Manifest,
    SourceObject,
    content_of,
    generation_id,
    is_manifest,
    load_id_of,
)

__all__ = [
    "MANIFESTS",
    "Act",
    "LoadOrder",
    "Loads",
    "Manifest",
    "SourceObject",
    "commit",
    "content_of",
    "derived_manifests",
    "generation_id",
    "is_manifest",
    "load_id_of",
    "read_loads",
    "rebase",
    "refresh",
]
