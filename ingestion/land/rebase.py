"""Judges uncommitted loads again, right before their commit, by the loads that other landers have committed meanwhile.

Two landers of one inbox see the same extracts. If another lander took the last day's extract, this one judged the next
day's by an older load, or none, and the row floor would let a truncated extract pass.
"""

from collections import Counter
from dataclasses import replace

from ingestion.codes import Code
from ingestion.land.extract import Result, Work, counted, kept_counts_again, summary
from ingestion.land.rules import ARRIVAL, arrival_warnings, below_floor
from ingestion.loads import Manifest, rebase
from ingestion.outcome import Outcome


def rebased(work: Work, results: list[Result]) -> list[Result]:
    """The results, in order, by the loads committed by now: landed, landed by another lander, or refused."""
    drafts = [result.draft for result in results if result.draft]
    if not drafts:
        return results
    changed = {load.full_name for load in rebase(work.context.store, work.loads, drafts)}
    done = []
    for result in results:
        draft = result.draft
        if draft and draft.full_name in changed:
            stored = work.loads.at(draft.key)
            result = taken(result, stored) if stored is not draft else _judged(work, result)
        done.append(result)
    return done


def taken(result: Result, stored: Manifest | None) -> Result:
    """The result of a load that another lander has committed first: it only needs clearing."""
    lost = result.outcome
    blank = Outcome(
        lost.extract, lost.source, lost.table, lost.extract_date, lost.load_id, "nothing"
    )
    told = replace(blank, message="another lander committed it first")
    return replace(result, outcome=told, manifest=stored, new=None)


def _judged(work: Work, result: Result) -> Result:
    """The load again, as if it had been made after all of `work.loads`."""
    new, draft = result.new, result.manifest
    assert new and draft
    work.loads.remove(draft)
    rows = draft.rows_in - draft.duplicates
    wrong = below_floor(new, rows, work.loads, work.context.project.row_floor)
    if wrong and work.release != new.load_id:
        refused = replace(
            result.outcome, outcome="refused", code=Code.ROW_FLOOR, message=wrong,
            landed=0, duplicates=0, warnings={},
        )  # fmt: skip
        return replace(result, outcome=refused, manifest=None, new=None)
    kept, withheld = kept_counts_again(work, new, draft)
    own = Counter({code: n for code, n in draft.warnings.items() if code not in ARRIVAL})
    warnings = dict(own + arrival_warnings(new, draft.rows_in, wrong, work.loads))
    changes = {"rows_kept": kept, "deletions_withheld": withheld, "warnings": warnings}
    again = draft.model_copy(update=changes)
    work.loads.add(again)
    outcome = replace(counted(result.outcome, again), message=summary(again))
    return replace(result, outcome=outcome, manifest=again)
