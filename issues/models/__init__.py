"""The issue and what belongs to it."""

from issues.models.departments import Holding, IssueDepartment
from issues.models.historic import HistoricRecord
from issues.models.issue import Issue
from issues.models.numbers import NumberSeries, VerdictSeries
from issues.models.participation import Participation
from issues.models.requests import Request
from issues.models.submissions import Submission

__all__ = [
    "HistoricRecord",
    "Holding",
    "Issue",
    "IssueDepartment",
    "NumberSeries",
    "Participation",
    "Request",
    "Submission",
    "VerdictSeries",
]
