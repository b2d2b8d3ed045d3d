"""Random calendars and moments around two months of 2026."""

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from common.clock import SHANGHAI

calendars = st.dictionaries(st.dates(date(2026, 1, 20), date(2026, 3, 20)), st.booleans(), max_size=40)
"""Which days work; the others are Mondays to Fridays."""

moments = st.integers(0, 50 * 24 * 60 - 1).map(
    lambda minute: datetime(2026, 1, 20, tzinfo=SHANGHAI) + timedelta(minutes=minute)
)
"""Whole minutes."""
