"""The same work by others, each run as `python -m benchmarks.contenders NAME CSV FOLDER`.

Read strictly, type every column, write good rows and bad rows to parquet. None of them counts
physical lines, keeps the original, checks the key or commits anything.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.large_file import COLUMNS

_TYPED = {
    "account_id": "try_cast(account_id as bigint)",
    "amount": "try_cast(amount as decimal(12, 2))",
    "opened_on": "try_strptime(opened_on, '%-m/%-d/%Y')::date",
    "visits": "try_cast(visits as bigint)",
}


def by_duckdb(source: Path, folder: Path) -> dict[str, int]:
    """Strict read with rejects into a table of texts, then good and bad rows by try_cast."""
    import duckdb

    columns = "{" + ", ".join(f"'{name}': 'varchar'" for name in COLUMNS) + "}"
    typed = ", ".join(f"{_TYPED.get(name, name)} as {name}" for name in COLUMNS)
    good = " and ".join(f"{expression} is not null" for expression in _TYPED.values())
    with duckdb.connect(str(folder / "work.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            f"create table texts as select * from read_csv('{source}', columns = {columns}, "
            "header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
            "auto_detect = false, store_rejects = true, rejects_limit = 0)"
        )
        landed = connection.execute(
            f"copy (select {typed} from texts where {good}) to '{folder}/good.parquet' "
            "(format parquet, compression snappy)"
        ).fetchone()
        bad = connection.execute(
            f"copy (select * from texts where not ({good})) to '{folder}/bad.parquet'"
        ).fetchone()
        rejected = connection.execute(
            "copy (select line, line_byte_position, column_name, error_type, csv_line "
            f"from reject_errors) to '{folder}/rejected.parquet'"
        ).fetchone()
    return {"landed": (landed or [0])[0], "bad": (bad or [0])[0] + (rejected or [0])[0]}


def by_pandas(source: Path, folder: Path) -> dict[str, int]:
    """Chunks of texts, typed by to_numeric and to_datetime; rows of a wrong width are skipped."""
    import pandas  # type: ignore[import-untyped]
    import pyarrow
    import pyarrow.parquet

    writers: dict[str, pyarrow.parquet.ParquetWriter] = {}
    counts = {"landed": 0, "bad": 0}

    def write(name: str, frame: "pandas.DataFrame") -> None:
        table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        if name not in writers:
            path = folder / f"{name}.parquet"
            writers[name] = pyarrow.parquet.ParquetWriter(path, table.schema)
        writers[name].write_table(table)
        counts[name] += len(frame)

    chunks = pandas.read_csv(
        source, dtype=str, keep_default_na=False, on_bad_lines="skip", chunksize=250_000
    )
    for texts in chunks:
        typed = texts.copy()
        for name in ("account_id", "amount", "visits"):
            typed[name] = pandas.to_numeric(texts[name], errors="coerce")
        days = pandas.to_datetime(texts["opened_on"], format="%m/%d/%Y", errors="coerce")
        typed["opened_on"] = days
        good = typed[list(_TYPED)].notna().all(axis=1)
        write("landed", typed[good].astype({"account_id": "int64", "visits": "int64"}))
        write("bad", texts[~good])
    for writer in writers.values():
        writer.close()
    return counts


CONTENDERS: dict[str, Callable[[Path, Path], dict[str, int]]] = {
    "duckdb": by_duckdb,
    "pandas": by_pandas,
}


def main(name: str, source: str, folder: str) -> None:
    """Run one of them and print what came of it as JSON."""
    try:
        __import__(name)
    except ImportError:
        print(json.dumps({"missing": name}))
        return
    begin = time.perf_counter()
    counts = CONTENDERS[name](Path(source), Path(folder))
    print(json.dumps({"seconds": time.perf_counter() - begin, **counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
