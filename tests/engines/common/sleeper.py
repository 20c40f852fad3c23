"""The least engine there can be: a scratch directory and one child. Only the tests of this folder start it."""

import json
import os
import sys
import time

from tools.standins.processes import (
    end_child,
    exit_on_signals,
    scratch,
    start_child,
    wait_for_end,
)


def main() -> None:
    """Say who runs where, and sleep until the end."""
    exit_on_signals()
    with scratch("sleeper") as folder:
        child = start_child(["sleep", "600"], folder / "log")
        try:
            facts = {"pids": [os.getpid(), child.pid], "folder": str(folder)}
            sys.stdout.write(json.dumps(facts) + "\n")
            sys.stdout.flush()
            time.sleep(0.2)  # the moment in which an engine is up and does not wait for its end yet
            wait_for_end("--attached" in sys.argv, lambda: child.poll() is None)
        finally:
            end_child(child)


if __name__ == "__main__":
    main()
