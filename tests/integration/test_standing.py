"""What stands between tests: nothing of a test that commits is left."""

import pytest

from tests.support.cast import build_world
from tests.support.standing import Standing, rows_of_all_tables


def rows() -> dict[str, list[str]]:
    """Of each table, in no order."""
    return {table: sorted(lines.splitlines()) for table, lines in rows_of_all_tables().items()}


@pytest.mark.django_db(transaction=True)
def test_after_a_commit_every_table_holds_what_migrations_put_there(standing: Standing) -> None:
    migrated = rows()
    build_world().make_issue("closed")
    assert rows().keys() > migrated.keys()
    standing.restore()
    assert rows() == migrated
