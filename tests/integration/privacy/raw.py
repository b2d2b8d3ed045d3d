"""A column as the database has it."""

from django.db import connection
from django.db.models import Model


def raw_of(model: type[Model], column: str) -> str:
    """What stands in this column of the one row of the table."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}"')  # noqa: S608 - names of the model
        ((stored,),) = cursor.fetchall()
    return str(stored)
