"""The manifests themselves: each can be read, is consistent, and agrees with the derived table."""

import json
from collections.abc import Iterable, Iterator

from ingestion.inbox import REFUSALS
from ingestion.loads import MANIFESTS, Manifest, derived_manifests, is_manifest, load_id_of
from ingestion.pseudonyms import KEY_RECORD
from ingestion.store import Store, read_many
from ingestion.verify.finding import AGAIN, RESTORE, Finding, lost, note

_EXTRACT = f"{MANIFESTS}extract/"


def readable(store: Store, keys: Iterable[str]) -> tuple[list[Manifest], list[Finding]]:
    """The manifests under these keys, and the findings on damaged and missing ones."""
    texts = read_many(store, sorted(key for key in keys if is_manifest(key)))
    known = derived_manifests(store)
    found, wrong = [], []
    for key, text in texts.items():
        manifest = Manifest.of(text)
        if manifest is None or not _is_itself(manifest, key, known.get(key)):
            wrong.append(lost("manifest damaged", key, RESTORE))
        else:
            found.append(manifest)
    wrong += [lost("manifest gone", key, AGAIN) for key in sorted(known.keys() - texts.keys())]
    return found, wrong


def _is_itself(manifest: Manifest, key: str, known: Manifest | None) -> bool:
    """Whether it has its own key, its counts add up, and it equals the known one."""
    became = manifest.landed + manifest.quarantined + manifest.duplicates + manifest.forgotten
    adds_up = manifest.rows_in == became
    names = manifest.source, manifest.table, manifest.extracted_at, manifest.sha256
    is_named_so = manifest.generation > 1 or load_id_of(*names) == manifest.base_load_id
    return manifest.key == key and adds_up and is_named_so and known in (None, manifest)


def other_records(store: Store, keys: Iterable[str]) -> Iterator[Finding]:
    """The small records beside the manifests: the key's, leases, refusals, watermarks."""
    for key in sorted(keys):
        if is_manifest(key) or _is_json(store.read(key)):
            continue
        if key == KEY_RECORD:
            repair = 'write {"key_id": …} with the _pseudonym_key_id of any row landed'
            yield lost("record of the pseudonym key damaged", key, repair)
        elif key.startswith(REFUSALS):
            yield note("record of a refusal damaged", key, "python -m ingestion land")
        elif key.startswith(_EXTRACT) and not key.endswith(".lease.json"):
            source = key.removeprefix(_EXTRACT).removesuffix(".json")
            repair = f"remove it, then python -m ingestion extract {source} --whole"
            yield lost("watermarks damaged", key, repair)
        else:
            yield note("record damaged", key, "nothing: whoever needs it next writes it anew")


def _is_json(text: bytes | None) -> bool:
    try:
        return isinstance(json.loads(text or b""), dict)
    except ValueError:
        return False
