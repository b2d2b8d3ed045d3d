"""EXISTS that PostgreSQL asks for each row instead of answering it for all rows first."""

from django.db.models import Exists


class LookedUp(Exists):
    """EXISTS, asked of the index for each row that is looked at.

    PostgreSQL may answer EXISTS within OR by reading all of a department's issues first, and takes it to hold for half
    of all rows: a page of 25 then cost 100,000 index entries and a search 1,000,000 rows. A scalar it only compares.
    It may be negated: no row is 0, not unknown.
    """

    template = "coalesce((%(subquery)s), 0) = 1"
