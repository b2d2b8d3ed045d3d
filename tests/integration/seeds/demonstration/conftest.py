"""The demonstration, loaded once for its module's tests into a transaction that is rolled back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from common.clock import SHANGHAI
from deadlines.reference import forget
from seeds.demonstration import loading
from tests.support.standing import Standing

NOW = datetime(2026, 11, 18, 10, 20, tzinfo=SHANGHAI)
"""A Wednesday morning in office hours."""


@pytest.fixture(scope="module")
def demo(standing: Standing, django_db_blocker: Any) -> Iterator[list[str]]:
    """What loading said."""
    said: list[str] = []
    with django_db_blocker.unblock():
        standing.begin([])
    with django_db_blocker.unblock(), transaction.atomic():
        forget()
        loading.load(at=NOW, says=said.append)
        connection.check_constraints()
        yield said
        transaction.set_rollback(True)
    forget()
