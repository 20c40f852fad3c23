"""Start the Athena stand-in: `make athena` by hand, `--attached` from the tests.

By hand it prints the settings to export and ends with Ctrl-C. Attached it prints one line of JSON when it is ready, and
ends with its standard input, that is with the tests.
"""

import json
import logging
import os
import sys
import time

from tools.athena.api import Api
from tools.athena.executor import Executor
from tools.athena.queries import Queries
from tools.athena.trino import Session, running
from tools.athena.views import ViewsForTrino
from tools.standins.aws import Aws, client, environment, serving
from tools.standins.cloudformation import know_more_types
from tools.standins.processes import (
    EngineFailed,
    Unavailable,
    exit_on_signals,
    scratch,
    wait_for_end,
)


def settings(aws_url: str) -> dict[str, str]:
    """The settings that point dbt and the lander at the stand-in."""
    return {
        **environment(aws_url),
        "LANDFALL_TARGET": "athena",
        "LANDFALL_ATHENA_POLL": "0.1",
        "LANDFALL_ATHENA_RETRIES": "0",
    }


def serve(attached: bool) -> None:
    """Run moto, Trino and the API until it is told to end. Raises Unavailable, EngineFailed."""
    began = time.monotonic()
    know_more_types()
    aws = Aws()
    with (
        scratch("athena") as folder,
        serving(ViewsForTrino(aws)) as url,
        running(folder, url) as trino,
    ):
        os.environ.update(environment(url))  # by which the resources of a stack are made
        executor = Executor(client("glue", url), client("s3", url))
        queries = Queries(executor, lambda database: Session(trino, database))
        aws.operations.append(Api(queries))
        seconds = round(time.monotonic() - began, 1)
        if attached:
            facts = {
                "url": url,
                "settings": settings(url),
                "seconds": seconds,
                "folder": str(folder),
                "trino": {"port": trino.port, "pid": trino.process.pid},
            }
            _say(json.dumps(facts))
        else:
            _say(f"# Athena is up after {seconds} s, over an empty lake. Ctrl-C ends it.")
            _say("# For the other terminal:")
            _say("\n".join(f"export {key}={value}" for key, value in settings(url).items()))
        wait_for_end(attached, lambda: trino.process.poll() is None)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Report that the stand-in is unavailable: one line, as text or as JSON, and status 1."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    for noisy in ("sqlglot", "werkzeug", "botocore"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    exit_on_signals()
    attached = "--attached" in sys.argv[1:]
    try:
        serve(attached)
    except (Unavailable, EngineFailed) as error:
        key = "unavailable" if isinstance(error, Unavailable) else "failed"
        if attached:
            _say(json.dumps({key: str(error)}))
        else:
            sys.stderr.write(f"{error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
