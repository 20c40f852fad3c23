"""The least engine there can be: a scratch directory and one child. Only the tests of this folder start it."""

import json
import os
import sys

from tests.engines.common.processes import end_child, scratch, start_child, wait_for_end


def main() -> None:
    """Say who runs where, and sleep until the end."""
    with scratch("sleeper") as folder:
        child = start_child(["sleep", "600"], folder / "log")
        facts = {"pids": [os.getpid(), child.pid], "folder": str(folder)}
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        try:
            wait_for_end("--attached" in sys.argv, lambda: child.poll() is None)
        finally:
            end_child(child)


if __name__ == "__main__":
    main()
