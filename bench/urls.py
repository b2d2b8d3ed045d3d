"""Every URL of the product, and the bare views that it is measured against."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from bench.bare import replay
from govtrack.url_permissions import URL_RULES, Open
from govtrack.urls import urlpatterns as product

URL_RULES["bench-bare"] = Open.BY_API
urlpatterns = [*product, path("bench/<slug:name>/", login_not_required(replay), name="bench-bare")]
"""The product's own come first, so they cost what they cost without these."""
