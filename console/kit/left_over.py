"""提出未答复, 有答复无期限, 承诺逾期: how many of each, beside what else a page counts, and where they are listed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from console.kit.shapes import CountShape
from issues.reading.pages import count_text
from meetings.enums import LeftOver
from meetings.querysets import ItemQuerySet

_PREFIX: Final = "left:"
_TONES: Final = {LeftOver.LATE: "overdue", LeftOver.UNANSWERED: "overdue", LeftOver.UNDATED: "due_soon"}


def left_over_rows(rows: ItemQuerySet, today: date) -> dict[str, QuerySet[Any, Any]]:
    """What to count, for ``issues.reading.pages.counts``: with the page's own counts it is one statement."""
    return {f"{_PREFIX}{which}": rows.raised().left_over(which, today) for which in LeftOver.values}


def left_over_shapes(number: Mapping[str, int], **query: str) -> list[CountShape]:
    """Each list with its number, and the address at which ``query`` narrows it as the rows were."""
    address = reverse("console-meeting-items")
    return [
        CountShape(
            code=which.value,
            label=str(which.label),
            text=count_text(number[f"{_PREFIX}{which.value}"]),
            zero=number[f"{_PREFIX}{which.value}"] == 0,
            tone=_TONES[which],
            url=f"{address}?{urlencode({'list': which.value} | query)}",
            active=False,
        )
        for which in LeftOver
    ]
