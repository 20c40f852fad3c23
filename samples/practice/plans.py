"""The insurance plans and how each pays."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """One plan: `allowed` and `coinsurance` in percent of the fee, `copay` in cents, `delay` in days on average."""

    insid: str
    name: str
    weight: float
    allowed: int
    copay: int
    coinsurance: int
    denial: float
    delay: int
    in_parts: float


PLANS = (
    Plan("INS1", "Bronze HMO", 14, 62, 3500, 30, 0.11, 24, 0.10),
    Plan("INS2", "Silver PPO", 20, 70, 2500, 20, 0.08, 18, 0.08),
    Plan("INS3", "Gold PPO", 14, 78, 1500, 10, 0.05, 14, 0.05),
    Plan("INS4", "Harborlight EPO", 10, 66, 3000, 20, 0.14, 31, 0.15),
    Plan("INS5", "Union Trades Health", 9, 74, 2000, 10, 0.06, 21, 0.06),
    Plan("INS6", "Senior Advantage", 15, 55, 0, 20, 0.04, 16, 0.02),
    Plan("INS7", "State Family Care", 12, 45, 0, 0, 0.09, 38, 0.04),
    Plan("INS8", "High Deductible Saver", 6, 72, 0, 80, 0.07, 22, 0.05),
)

# One plan is renamed once, so that plans too have a history.
RENAMED = ("INS4", "Harborlight EPO Plus")

# What the practice does: procedure code, fee in cents, weight. The first list is the visit itself.
VISIT_CODES = (
    ("99212", 9800, 2.0),
    ("99213", 15500, 6.0),
    ("99214", 22400, 4.0),
    ("99396", 24500, 1.5),
)
OTHER_CODES = (
    ("36415", 1800, 4.0),
    ("80053", 4850, 3.0),
    ("83036", 3975, 2.0),
    ("87880", 3325, 2.0),
    ("90471", 4100, 1.5),
    ("93000", 8750, 1.0),
    ("81002", 1250, 2.0),
    ("11401", 41550, 0.5),
    ("93306", 131220, 0.35),
)
DENIAL_CODES = ("CO-16", "CO-18", "CO-22", "CO-29", "CO-97", "PR-204")
