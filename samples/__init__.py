"""Invented extracts of every source, in their own formats and oddities, for the demo, tests and benchmarks.

One package a source, or a few that tell of the same lives (`samples.practice`: clinic, billing, reviews). It gives

    write(outdir: Path, days: Days) -> Written

which writes the extracts of those days below `outdir/<source>/…` as the source delivers them, and is registered in
`samples.sources`; `python -m samples` and the demo find it there. A size of its own is a further argument with a
default. What it promises:

- Equal `Days` give equal bytes and modification times (`samples.clock.stamp`), in any process.
- Chance comes from `days.stream("<source> …")` alone: one source more never changes another's bytes.
- A day's extract depends on the days before it, never on those after it, so one evening more continues the month
  (the practice changes its layouts at shares of the days: there an even number of them and one more agree).
- `days.last` writes only the newest days; increments among them are those that the whole would have had.
- Rows are written as they are made: memory does not grow with the days.
- Dirt is planted unless `days.clean`, each piece told in `Written.dirt`, and never moves the days after it.

`tests/samples/test_sources.py` holds every registered source to this. Nothing here is taken from a real person,
practice or company.
"""
