"""Canaries: invented values that are recognisable wherever they appear, planted by the contracts.

`values.py` makes one that fits a column, `delivered.py` changes delivered files of each format, `planting.py` puts
canaries into the files of an inbox. A new source is planted as soon as it has a contract.
"""

from tools.canaries.planting import BAD, FILE_NAME, Planter, without_form
from tools.canaries.values import MARK, Canary

__all__ = ["BAD", "FILE_NAME", "MARK", "Canary", "Planter", "without_form"]
