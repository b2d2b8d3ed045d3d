"""The issue and what belongs to it."""

from issues.models.departments import IssueDepartment
from issues.models.historic import HistoricRecord
from issues.models.issue import Issue
from issues.models.numbers import NumberSeries
from issues.models.participation import Participation
from issues.models.submissions import Submission

__all__ = ["HistoricRecord", "Issue", "IssueDepartment", "NumberSeries", "Participation", "Submission"]
