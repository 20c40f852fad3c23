"""What of the practice is to be invented: its size, its past, and how its tables are delivered."""

from dataclasses import dataclass
from datetime import date

from ingestion.errors import BadSettings
from samples.days import Days

DMS_TABLES = ("patient", "employee", "insurance", "account")
DEFAULT_HISTORY = 180


@dataclass(frozen=True, kw_only=True)
class Options(Days):
    """The arguments of one practice. Raises BadSettings, one line.

    `history` days are lived before the first extract, so that the ledger has old balances. `dms` names the tables that
    come as a full load and changes; with `resume` they do not begin again with a full load. The layouts of the
    extracts change as shares of the days: an even number of days and one day more agree in all but that day.
    """

    patients: int
    employees: int
    history: int = DEFAULT_HISTORY
    dms: tuple[str, ...] = ("employee",)

    def __post_init__(self) -> None:
        """Check the bounds that the generator relies on."""
        super().__post_init__()
        for name, least in (("patients", 1), ("employees", 3), ("history", 0)):
            if getattr(self, name) < least:
                raise BadSettings(f"{name} must be at least {least}")
        for table in self.dms:
            if table not in DMS_TABLES:
                raise BadSettings(f"DMS can deliver {', '.join(DMS_TABLES)}, not {table}")
        if self.days + self.history > 3660:
            raise BadSettings("days and history together must be at most 3660")

    @property
    def index_until(self) -> int:
        """Index of the first extract of appointments without the unnamed index column."""
        return self.days // 6

    @property
    def clock_until(self) -> int:
        """Index of the first extract of encounters whose start carries its date."""
        return self.days // 4

    @property
    def links_from(self) -> int:
        """Index of the first extract with the trailing link columns."""
        return self.days // 2

    @property
    def linked_since(self) -> date:
        """First day whose visits the practice links to patient and appointment."""
        return self.day(self.links_from)
