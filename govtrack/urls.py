"""Every URL of the product."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from console.files import staff_file
from console.meetings.subscribing import calendar_of_person
from govtrack import health

urlpatterns = [
    path("", include("phone.urls")),
    path("files/<slug:public_id>/<slug:size>/<str:name>", staff_file, name="file"),
    path("calendar/<slug:token>/", calendar_of_person, name="calendar-own"),
    path("", include("accounts.urls")),
    path("console/", include("console.urls")),
    path("api/", include("api.urls")),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler400 = "govtrack.error_pages.bad_request"
handler403 = "govtrack.error_pages.permission_denied"
handler404 = "govtrack.error_pages.not_found"
handler500 = "govtrack.error_pages.server_error"
