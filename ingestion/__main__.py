"""`python -m ingestion`. A command's files hold personal data, so only their owner may read them."""

import atexit
import os
import sys
from contextlib import suppress

from ingestion.interruption import Interruption

os.umask(0o077)
code: int | None = None


def leave() -> None:
    """End the process here, with the command's exit code.

    Registered first, this runs as the last of Python's exit handlers. The destructors of C++ libraries run after that;
    on a busy machine they abort one process in hundreds, with another exit code.
    """
    if code is not None:
        with suppress(OSError):
            if sys.stdout:  # a supervisor may have closed it
                sys.stdout.flush()
        os._exit(code)


atexit.register(leave)
starting = Interruption()
try:
    with starting:  # the import takes a while, in which a signal may come
        from ingestion.cli import main
except BaseException:  # an import may turn the interruption into an error of its own
    if not starting.happened:
        raise
    sys.stderr.write("Interrupted: nothing was begun\n")
    from ingestion.errors import Interrupted

    sys.exit(Interrupted.exit_code)
try:
    main()
except SystemExit as end:
    if isinstance(end.code, int):
        code = end.code
    raise
