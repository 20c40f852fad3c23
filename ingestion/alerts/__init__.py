"""What a command reports to people and alarms at its end: news since the last time, once, and its figures.

Messages hold codes, counts and places, never a cell. Alerts never change how a command ends.
"""

from ingestion.alerts.channels import Channels, Message
from ingestion.alerts.conditions import Condition, Seen, of_command, of_damage, of_landing, of_run
from ingestion.alerts.metrics import metrics_line
from ingestion.alerts.tell import Ended, tell

__all__ = [
    "Channels",
    "Condition",
    "Ended",
    "Message",
    "Seen",
    "metrics_line",
    "of_command",
    "of_damage",
    "of_landing",
    "of_run",
    "tell",
]
