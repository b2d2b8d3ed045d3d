"""Days as exactly as they were promised, in the active language."""

from datetime import date

from django.utils.translation import gettext as _

from commitments.enums import Precision
from common import dates


def day_of(on: date, precision: str) -> str:
    """A day, or as exactly as it was said: 2022年11月, 2022年."""
    if precision == Precision.YEAR:
        return _("%(year)d年") % {"year": on.year}
    if precision == Precision.MONTH:
        return _("%(year)d年%(month)d月") % {"year": on.year, "month": on.month}
    return dates.day_weekday(on)
