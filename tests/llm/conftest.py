from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.llm.asked import Asked
from tests.llm.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def asked(server) -> Callable[..., Asked]:
    return lambda *script, **options: (server.script.extend(script), Asked(server, **options))[1]
