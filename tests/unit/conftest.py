"""What all tests of parts share."""

from collections.abc import Iterator

import pytest

from tests.property.small_publication import quick_builds


@pytest.fixture(scope="session", autouse=True)
def quickly() -> Iterator[None]:
    """Builds in this process do not make again what is the same for all of them; those in processes of their own do."""
    with quick_builds():
        yield
