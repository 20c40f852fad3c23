"""The codes under which the readers refuse a file, quarantine a row or warn of one.

docs/guides/bad_inputs.md says for each what it means and what becomes of the input.
"""

REFUSED = frozenset({
    "duplicate_column", "empty_object", "encoding", "missing_column", "missing_header", "no_rows",
    "open_quote", "too_large", "too_many_rejects", "truncated", "unknown_column",
    "wrong_delimiter", "wrong_type",
})  # fmt: skip

QUARANTINED = (
    "open_quote", "column_count", "nul_byte", "encoding", "value_too_long", "null_key",
    "lossy_number", "bad_number", "bad_date", "bad_time", "bad_boolean", "bad_operation",
    "bad_json", "duplicate_column",
)  # fmt: skip

STRUCTURAL = frozenset({"open_quote", "column_count", "nul_byte", "encoding"})
"""What is wrong with a row as a whole: it comes before anything that is wrong with a value."""

WARNED = frozenset({
    "bad_time", "control_characters", "header_spelling", "key_spaces", "no_rows",
    "trailing_delimiter", "unknown_field", "zip_short",
})  # fmt: skip
