"""The boundary around one delivery: an error in our code refuses this delivery and lets the others go on."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.codes import Code
from ingestion.errors import BadExtract, LandfallError
from ingestion.machine import is_of_the_machine

logger = logging.getLogger(__name__)


@contextmanager
def boundary(name: str) -> Iterator[None]:
    """Turn every unexpected exception into the refusal `unreadable` of the delivery `name`.

    The refusal names the exception's type alone: its text may hold the value of a cell. Errors of the machine, as a
    full disk, are not the delivery's fault and pass through (machine.py).
    """
    try:
        yield
    except LandfallError:
        raise
    except Exception as error:
        if is_of_the_machine(error):
            raise
        kind = type(error).__name__
        last = traceback.extract_tb(error.__traceback__)[-1]
        logger.info("%s: unexpected %s at %s:%s", name, kind, last.filename, last.lineno)
        raise BadExtract(Code.UNREADABLE, detail=kind) from None
