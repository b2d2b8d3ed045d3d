"""Random calendars and moments around two months of 2026."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from common.clock import SHANGHAI

calendars = st.dictionaries(st.dates(date(2026, 1, 20), date(2026, 3, 20)), st.booleans(), max_size=40)
"""Which days work; the others are Mondays to Fridays."""

_EDGES = (0, 8 * 60 + 29, 8 * 60 + 30, 12 * 60 - 1, 12 * 60, 14 * 60, 17 * 60 + 29, 17 * 60 + 30, 24 * 60 - 1)
_minutes = st.integers(0, 24 * 60 - 1) | st.sampled_from(_EDGES)

moments = st.builds(
    lambda day, minute: datetime(2026, 1, 20, tzinfo=SHANGHAI) + timedelta(days=day, minutes=minute),
    st.integers(0, 49),
    _minutes,
)
"""Whole minutes, often just before, on or after an opening or a closing."""
