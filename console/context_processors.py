"""What every console page shows of the machinery of reminders."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from console.administration.health import alarm_of


def scheduler(request: HttpRequest) -> dict[str, Any]:
    """``scheduler_alarm``: for those who may see the health page; read only where a template uses it."""
    return {"scheduler_alarm": SimpleLazyObject(lambda: alarm_of(request))}
