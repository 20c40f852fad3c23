"""The content of the inbox: extracts that may be landed, that wait or are refused, and the records of exports."""

from ingestion.inbox.candidates import (
    Candidate,
    Survey,
    check_source,
    chosen,
    name_in_inbox,
)
from ingestion.inbox.exports import Promise, archived, promised_without_contract
from ingestion.inbox.exports.appflow import RECORDS, SUCCESSFUL, flow_folder
from ingestion.inbox.exports.extracts import ENDING, record, record_of
from ingestion.inbox.refusals import DISCARDED, DISCARDED_OBJECTS, REFUSALS, Refusal, Refusals
from ingestion.inbox.survey import Surveyor, before_changes

__all__ = [
    "DISCARDED",
    "DISCARDED_OBJECTS",
    "ENDING",
    "RECORDS",
    "REFUSALS",
    "SUCCESSFUL",
    "Candidate",
    "Promise",
    "Refusal",
    "Refusals",
    "Survey",
    "Surveyor",
    "archived",
    "before_changes",
    "check_source",
    "chosen",
    "flow_folder",
    "name_in_inbox",
    "promised_without_contract",
    "record",
    "record_of",
]
