"""What the pages for people cost a run: `python -m benchmarks.pages`, after a demo, with its settings.

The marts are asked through dbt's connection, as a run does, and every page is written into a folder that is thrown
away. Told are wall seconds for the questions and for each page with its drawings, bytes of each page, and the CPU
seconds of it all; dbt is parsed before the clock begins, as a run has done by then.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from ingestion.pages import Answers, write_pages
from ingestion.pipeline.dbt import Dbt
from ingestion.settings import Settings
from tools.project import ROOT


def main() -> None:
    """Measure, and print a line for each page."""
    settings = Settings.from_environment(cwd=ROOT)
    with tempfile.TemporaryDirectory() as name, settings.environment():
        folder = Path(name)
        dbt = Dbt(ROOT, settings.target, {}, work=folder / "work")
        asked = 0.0

        def ask(queries: Mapping[str, str]) -> Answers:
            nonlocal asked
            told = dbt.answers(queries)
            asked = time.time()
            return told

        begun, cpu = time.time(), time.process_time()
        pages = write_pages(ROOT, dbt.described(), ask, folder)
        cpu = time.process_time() - cpu
        print(f"questions             {asked - begun:6.2f} s")
        before = asked
        for page in pages:
            found = page.stat()
            print(f"{page.name:20}  {found.st_mtime - before:6.2f} s {found.st_size:9,} bytes")
            before = found.st_mtime
        total = sum(page.stat().st_size for page in pages)
        print(
            f"{'in all':20}  {before - begun:6.2f} s {total:9,} bytes, {cpu:.2f} s of CPU",
        )


if __name__ == "__main__":
    main()
