"""Issue numbers: area-year-six digits, without gaps."""

from django.db import connection

from issues.models import Issue

_NEXT = """
INSERT INTO issues_numberseries (subdistrict_id, year, last) VALUES (%s, %s, 1)
ON CONFLICT (subdistrict_id, year) DO UPDATE SET last = issues_numberseries.last + 1
RETURNING last
"""


def next_serial(*, subdistrict_id: int, year: int) -> int:
    """The next number of this area and year.

    Its row stays locked until the transaction ends: a roll-back gives the number back.
    Raises django.db.IntegrityError after 999,999.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [subdistrict_id, year])
        return int(cursor.fetchone()[0])


def give_number(issue: Issue, *, area: str, year: int) -> None:
    """Set year, serial and number of an unsaved issue; as late as possible, for others wait for the lock."""
    issue.year = year
    issue.serial = next_serial(subdistrict_id=issue.subdistrict_id, year=year)
    issue.number = f"{area}-{year}-{issue.serial:06d}"
