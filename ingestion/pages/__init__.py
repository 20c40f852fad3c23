"""The pages for people: one self-contained HTML file per area, made from the marts at the end of a run.

A page's definition is data, in the project's folder `pages/`: queries, figures, tables, and a Vega-Lite specification
per chart. `definition.py` reads it, `answers.py` holds the result of a query, `small_cells.py` hides counts of few
persons, `wording.py` writes numbers and dates, `charts.py` draws, `tables.py` makes tables, `writing.py` the files.
"""

from ingestion.pages.answers import Answers, answers_told
from ingestion.pages.definition import Page, read_pages
from ingestion.pages.writing import Described, write_pages

__all__ = [
    "Answers",
    "Described",
    "Page",
    "answers_told",
    "read_pages",
    "write_pages",
]
