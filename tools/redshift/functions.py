"""The functions of Redshift, by name. Any other function "does not exist", even if PostgreSQL has it.

The list follows Amazon's list of SQL functions, as far as warehouse SQL uses them. Some of Redshift's functions are
missing on the stand-in; PostgreSQL then reports the same error.
"""

from __future__ import annotations

AGGREGATES = """
    any_value avg count listagg max median min percentile_cont percentile_disc stddev stddev_pop stddev_samp sum
    var_pop var_samp variance bit_and bit_or bool_and bool_or cume_dist dense_rank first_value lag last_value lead
    nth_value ntile percent_rank rank ratio_to_report row_number
"""

CONDITIONS = "coalesce decode greatest least nullif nvl nvl2"

DATES = """
    add_months convert_timezone current_date date_add date_cmp date_diff date_part date_part_year date_trunc dateadd
    datediff datepart extract getdate interval_cmp last_day months_between next_day sysdate timeofday timestamp_cmp
    timezone to_date to_timestamp trunc
"""

NUMBERS = """
    abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp dlog1 dlog10 exp floor ln log mod pi pow power
    radians random round sign sin sqrt tan to_number
"""

TEXTS = """
    ascii bpcharcmp btrim bttext_pattern_cmp char_length character_length charindex chr collate concat crc32 difference
    initcap left len length lower lpad ltrim octetindex octet_length position quote_ident quote_literal regexp_count
    regexp_instr regexp_replace regexp_substr repeat replace replicate reverse right rpad rtrim soundex split_part
    strpos strtol substr substring textlen translate trim upper
"""

HASHES = "checksum farmhash64 fnv_hash func_sha1 md5 sha sha1 sha2 to_hex from_hex"

OTHERS = """
    cast convert try_cast to_char text_to_int_alt is_valid_json is_valid_json_array json_array_length
    json_extract_array_element_text json_extract_path_text json_parse json_serialize can_json_parse
    current_database current_schema current_schemas current_user current_user_id session_user user version
    current_setting set_config has_database_privilege has_schema_privilege has_table_privilege has_role_privilege
"""

KNOWN = frozenset(" ".join((AGGREGATES, CONDITIONS, DATES, NUMBERS, TEXTS, HASHES, OTHERS)).split())

# Old PostgreSQL functions that run on the leader node alone: a query that reads a table cannot use them.
LEADER_ONLY = frozenset(
    """
    age array_to_string array_upper clock_timestamp current_time current_timestamp generate_series get_bit get_byte
    isfinite justify_days justify_hours localtime localtimestamp now overlay set_bit set_byte statement_timestamp
    to_ascii
    """.split()
)
LEADER_ONLY_WORDS = frozenset(["current_time", "current_timestamp", "localtime", "localtimestamp"])

# Another name on PostgreSQL, or another meaning: those of the shim are in the schema `landfall`.
RENAMED = {
    "avg": "landfall.avg",
    "charindex": "landfall.charindex",
    "concat": "pg_catalog.textcat",
    "convert_timezone": "landfall.convert_timezone",
    "date_add": "landfall.dateadd",
    "date_diff": "landfall.datediff",
    "date_part": "landfall.date_part",
    "date_trunc": "landfall.date_trunc",
    "dateadd": "landfall.dateadd",
    "datediff": "landfall.datediff",
    "datepart": "landfall.date_part",
    "add_months": "landfall.add_months",
    "getdate": "landfall.getdate",
    "json_extract_path_text": "landfall.json_extract_path_text",
    "last_day": "landfall.last_day",
    "len": "length",
    "listagg": "string_agg",
    "median": "landfall.median",
    "nvl": "coalesce",
    "nvl2": "landfall.nvl2",
    "pow": "power",
    "regexp_replace": "landfall.regexp_replace",
    "regexp_substr": "landfall.regexp_substr",
    "sha2": "landfall.sha2",
    "textlen": "length",
    "trunc": "landfall.trunc",
    "version": "landfall.version",
}

# Their first argument is a part of a date, written as a bare word.
PART_FIRST = frozenset(["date_add", "date_diff", "date_part", "dateadd", "datediff", "datepart"])

PARTS = {
    name: part
    for part, names in {
        "century": "c cent cents centuries",
        "decade": "decades dec decs",
        "year": "y yr yrs years",
        "quarter": "qtr qtrs quarters",
        "month": "mon mons months",
        "week": "w weeks",
        "dow": "dw dayofweek weekday",
        "doy": "dy dayofyear yearday",
        "day": "d days",
        "hour": "h hr hrs hours",
        "minute": "m min mins minutes",
        "second": "s sec secs seconds",
        "millisecond": "ms msec msecs millisec milliseconds",
        "microsecond": "us usec usecs microsec microseconds",
    }.items()
    for name in names.split()
}


def exists(name: str) -> bool:
    """Whether Redshift has a function of that name; the catalogue's own (pg_…) are taken on trust."""
    return name in KNOWN or name in LEADER_ONLY or name.startswith("pg_")
