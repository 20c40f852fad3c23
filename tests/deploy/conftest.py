"""The stack of deploy/landfall.yaml on moto, over HTTP, with the types of resources that moto does not know."""

import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.deploy.deploying import Stack, deployed
from tools.standins.cloudformation import know_more_types


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    """An account of its own for the module: everything that boto3 does goes to it."""
    know_more_types()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        reset(f"http://{host}:{port}")
        yield
        reset(f"http://{host}:{port}")
    server.stop()


def reset(url: str) -> None:
    """moto keeps one state per process: nothing of other tests is left, nor of these."""
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()


@pytest.fixture(scope="module")
def stack(account: None) -> Stack:
    """The template, deployed."""
    return deployed()
