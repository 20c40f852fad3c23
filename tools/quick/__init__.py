"""`python -m tools.quick MODULE WORD…`: a module as the main program, without work that tests would repeat.

The program's results are the same. With RECORD_CALLS_INTO in the environment its calls of AWS are added to that file.
"""

from tools.quick.dbt import HEARD, NO_TESTS_OF_COLUMNS, spare_dbt_work
from tools.quick.drivers import shared

__all__ = ["HEARD", "NO_TESTS_OF_COLUMNS", "shared", "spare_dbt_work"]
