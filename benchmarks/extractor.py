"""`python -m benchmarks.extractor FOLDER PORT landfall|psql [PSQL]`: one extract, timed; the last line is JSON."""

import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.extracting import ADDRESS, COLUMNS
from ingestion.extract import extract
from ingestion.extract.address import address_of
from ingestion.land import open_context
from ingestion.settings import Settings


def main(folder: str, port: str, who: str, psql: str = "") -> None:
    """Extract the table `payment` as `who` does."""
    work, url = Path(folder), ADDRESS.format(port=port)
    if who == "psql":
        target = work / "payment.csv"
        command = f"\\copy (select {COLUMNS} from payment) to '{target}' with (format csv, header)"
        started = time.perf_counter()
        subprocess.run([psql, "--quiet", "--no-psqlrc", url, "-c", command], check=True)
        result = {"seconds": time.perf_counter() - started, "bytes": target.stat().st_size}
    else:
        settings = Settings.from_environment({"LANDFALL_PROJECT": str(work)})
        address = address_of("bench", {"LANDFALL_DATABASE_BENCH": url})
        context = open_context(settings)
        started = time.perf_counter()
        (done,) = extract(context, "bench", address=address)
        result = {"seconds": time.perf_counter() - started, "bytes": done.bytes}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
