"""The names that no column may have: words of SQL, and the columns that Landfall adds to each raw table.

An engine reads `user` as a function, not as the column. The words are those that DuckDB, Athena (Trino) or Redshift
reserve:
https://duckdb.org/docs/stable/sql/keywords_and_identifiers, https://trino.io/docs/current/language/reserved.html,
https://docs.aws.amazon.com/redshift/latest/dg/r_pg_keywords.html.
"""

RESERVED = frozenset(
    """
    aes128 aes256 all allowoverwrite alter analyse analyze and any array as asc asymmetric authorization
    az64 backup between binary blanksasnull both by bytedict bzip2 case cast check collate column constraint
    create credentials cross cube current_catalog current_date current_path current_role current_schema
    current_time current_timestamp current_user current_user_id deallocate default deferrable deflate defrag
    delete delta delta32k desc describe disable distinct do drop else emptyasnull enable encode encrypt
    encryption end escape except execute exists explicit extract false fetch for foreign freeze from full
    globaldict256 globaldict64k grant group grouping gzip having identity ignore ilike in initially inner
    insert intersect interval into is isnull join json_array json_exists json_object json_query json_table
    json_value lambda language lateral leading left like limit listagg localtime localtimestamp lun luns lzo
    lzop minus mostly16 mostly32 mostly8 natural new normalize not notnull null nulls off offline offset oid
    old on only open or order outer overlaps parallel partition percent permissions pivot pivot_longer
    pivot_wider placing prepare primary qualify raw readratio recover recursive references rejectlog resort
    respect restore returning right rollup select session_user show similar skip snapshot some summarize
    symmetric sysdate system table tag tdes text255 text32k then timestamp to top trailing trim true
    truncatecolumns uescape union unique unnest unpivot user using values variadic verbose wallet when where
    window with without
    """.split()
)

OWN_COLUMNS = frozenset(
    ("extract_date", "load_id", "_operation", "_extracted_at", "_source_row", "_pseudonym_key_id")
)
"""The columns of raw tables that are no source's; `ingestion/catalog/schema.py` adds them."""
