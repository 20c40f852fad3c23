"""`python -m tools.quick MODULE WORD…`: a module as the main program, without work that tests would repeat.

The program's results are the same. With RECORD_CALLS_INTO in the environment its calls of AWS are added to that file.
"""

from tools.quick.dbt import HEARD, spare_dbt_work
from tools.quick.drivers import shared

__all__ = ["HEARD", "shared", "spare_dbt_work"]
