"""The pages for people: one self-contained HTML file per area, made from the marts at the end of a run.

What a page asks and shows is data, in the project's folder `pages/`: queries, figures, tables, and a Vega-Lite
specification per chart. `definition.py` reads it, `answers.py` is what a query gives back, `small_cells.py` hides what
would tell of a few people, `wording.py` writes numbers and dates, `charts.py` draws, `writing.py` makes the files.
"""

from ingestion.pages.answers import Answers, Ask, answers_told
from ingestion.pages.definition import PAGES, Page, read_pages
from ingestion.pages.writing import Described, write_pages

__all__ = [
    "PAGES",
    "Answers",
    "Ask",
    "Described",
    "Page",
    "answers_told",
    "read_pages",
    "write_pages",
]
