"""The loads of a lake: each has a manifest, whose creation is its commit, and `Loads` has them all in order."""

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
from ingestion.loads.state import Placed, holding_state, placed

__all__ = [
    "MANIFESTS",
    "Act",
    "LoadOrder",
    "Loads",
    "Manifest",
    "Placed",
    "SourceObject",
    "commit",
    "content_of",
    "derived_manifests",
    "generation_id",
    "holding_state",
    "is_manifest",
    "load_id_of",
    "placed",
    "read_loads",
    "rebase",
    "refresh",
]
