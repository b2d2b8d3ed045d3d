"""Help: shortcuts and what the marks mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """``/console/help/``."""
    return render(request, "console/help.html")
