"""What stands between tests: nothing of a test that commits is left."""

import pytest

from tests.support.cast import build_world
from tests.support.standing import Standing, rows_of_all_tables


@pytest.mark.django_db(transaction=True)
def test_after_a_commit_every_table_holds_what_migrations_put_there(standing: Standing) -> None:
    migrated = rows_of_all_tables()
    build_world().make_issue("closed")
    assert rows_of_all_tables().keys() > migrated.keys()
    standing.restore()
    assert rows_of_all_tables() == migrated
