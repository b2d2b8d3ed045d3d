"""管理: the way to everything that an administrator sets up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def admin_home(request: HttpRequest) -> HttpResponse:
    """``/console/admin/``: the pages that this person may open (context processor ``nav``)."""
    return render(request, "console/administration/home.html")
