"""The columns of the tables of `raw_landfall`; models/staging/landfall describes them for people."""

from ingestion.contract import PortableType


def _columns(text: str) -> dict[str, PortableType]:
    return {
        name: PortableType.parse(kind)
        for name, kind in (line.split() for line in text.strip().splitlines())
    }


LOADS = _columns(
    """
    source_name string
    table_name string
    load_id string
    base_load_id string
    generation bigint
    extract_date date
    extracted_at timestamp
    load_number bigint
    state_from bigint
    closed_by bigint
    kind string
    is_counted boolean
    is_retracted boolean
    act string
    reason string
    rows_in bigint
    landed bigint
    quarantined bigint
    duplicates bigint
    forgotten bigint
    unnamed bigint
    unreadable_keys bigint
    rows_kept bigint
    deletions_withheld bigint
    warnings string
    object_name string
    sha256 string
    bytes bigint
    contract_hash string
    seconds double
    landed_at timestamp
    """
)
LOAD_AMOUNTS = _columns(
    """
    source_name string
    table_name string
    load_id string
    column_name string
    landed_sum decimal(38,4)
    """
)
QUARANTINED_ROWS = _columns(
    """
    source_name string
    table_name string
    load_id string
    line bigint
    byte_offset bigint
    column_name string
    code string
    row_key string
    """
)
REFUSALS = _columns(
    """
    source_name string
    table_name string
    object_name string
    code string
    line bigint
    column_name string
    extract_date date
    refused_at timestamp
    """
)
ACTS = _columns(
    """
    act_id string
    act string
    acted_at timestamp
    acted_by string
    reason string
    source_name string
    table_name string
    load_id string
    object_name string
    """
)
RUNS = _columns(
    """
    run_id string
    started_at timestamp
    finished_at timestamp
    target string
    as_of date
    verdict string
    node string
    resource_type string
    area string
    status string
    seconds double
    failures bigint
    bytes_scanned bigint
    """
)
