"""Start the stand-in for Redshift: `python -m tools.redshift`. Ctrl-C ends it.

With `--aws URL` it reads the Glue and S3 there; without, it starts moto for both. With `--attached` it prints one line
of JSON when it is ready and ends with its standard input (the tests); without, the environment for a shell.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys

from tools.redshift import postgres
from tools.redshift.server import serving
from tools.standins import aws
from tools.standins.processes import exit_on_signals, scratch, wait_for_end


def environment(port: int) -> dict[str, str]:
    """The settings that point dbt (profiles.yml.example) at the stand-in."""
    return {
        "LANDFALL_TARGET": "redshift",
        "LANDFALL_REDSHIFT_HOST": "127.0.0.1",
        "LANDFALL_REDSHIFT_PORT": str(port),
        "LANDFALL_REDSHIFT_USER": postgres.USER,
        "LANDFALL_REDSHIFT_PASSWORD": "landfall",
        "LANDFALL_REDSHIFT_DATABASE": postgres.DATABASE,
        "LANDFALL_REDSHIFT_SSLMODE": "disable",
    }


def main() -> None:
    """Serve until the end."""
    parser = argparse.ArgumentParser(prog="python -m tools.redshift")
    parser.add_argument(
        "--aws", metavar="URL", help="Glue and S3 to read; without it, moto is started"
    )
    parser.add_argument("--attached", action="store_true", help="end with the standard input")
    options = parser.parse_args()
    exit_on_signals()
    with contextlib.ExitStack() as stack:
        url = options.aws or stack.enter_context(aws.serving(aws.Aws()))
        port, alive = stack.enter_context(serving(stack.enter_context(scratch("redshift")), url))
        settings = {**aws.environment(url), **environment(port)}
        if options.attached:
            sys.stdout.write(json.dumps({"port": port, "url": url, "settings": settings}) + "\n")
        else:
            lines = "".join(f"export {name}={value}\n" for name, value in settings.items())
            sys.stdout.write(
                f"# Redshift's stand-in is ready; Ctrl-C ends it. In another shell:\n{lines}"
            )
        sys.stdout.flush()
        wait_for_end(options.attached, alive)


if __name__ == "__main__":
    main()
