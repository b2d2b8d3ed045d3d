"""Everything under /api/."""

from typing import Any, NoReturn

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from api.base import PublicView
from api.views import attachments, auth, commitments, issues, meetings, notifications, public, reference


class NoSuchCall(PublicView):
    """Whatever else is asked for below /api/v1/."""

    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> NoReturn:
        """404 for every method."""
        raise NotFound(_("没有这个接口"))


_ISSUE = "issues/<str:number>/"

v1 = [
    path("auth/token/", auth.Tokens.as_view(), name="api-token"),
    path("issues/", issues.Issues.as_view(), name="api-issues"),
    path(_ISSUE, issues.OneIssue.as_view(), name="api-issue"),
    path(_ISSUE + "events/", issues.IssueEvents.as_view(), name="api-issue-events"),
    path(_ISSUE + "actions/<str:action>/", issues.OneAction.as_view(), name="api-issue-act"),
    path(_ISSUE + "attachments/", attachments.IssueAttachments.as_view(), name="api-issue-attachments"),
    path("communities/", reference.Communities.as_view(), name="api-communities"),
    path("neighbourhoods/", reference.Neighbourhoods.as_view(), name="api-neighbourhoods"),
    path("buildings/", reference.Buildings.as_view(), name="api-buildings"),
    path("departments/", reference.Departments.as_view(), name="api-departments"),
    path("categories/", reference.Categories.as_view(), name="api-categories"),
    path("leaders/", reference.Leaders.as_view(), name="api-leaders"),
    path("commitments/", commitments.Commitments.as_view(), name="api-commitments"),
    path("commitments/<int:id>/", commitments.OneCommitment.as_view(), name="api-commitment"),
    path(
        "commitments/<int:id>/actions/<str:action>/",
        commitments.OneCommitmentAction.as_view(),
        name="api-commitment-act",
    ),
    path("meetings/", meetings.Meetings.as_view(), name="api-meetings"),
    path("meetings/<int:id>/", meetings.OneMeeting.as_view(), name="api-meeting"),
    path("meetings/<int:id>/items/", meetings.MeetingItems.as_view(), name="api-meeting-items"),
    path("meetings/<int:id>/items/<int:place>/", meetings.OneMeetingItem.as_view(), name="api-meeting-item"),
    path("notifications/", notifications.Notifications.as_view(), name="api-notifications"),
    path("notifications/preferences/", notifications.Preferences.as_view(), name="api-preferences"),
    path("notifications/<str:id>/read/", notifications.ReadNotification.as_view(), name="api-notification-read"),
    path("notifications/<str:id>/snooze/", notifications.SnoozeNotification.as_view(), name="api-notification-snooze"),
    path("public/issues/", public.PublicIssues.as_view(), name="api-public-issues"),
    path("public/issues/lookup/", public.Lookup.as_view(), name="api-public-lookup"),
    path("public/t/<str:token>/", public.ByToken.as_view(), name="api-public-matter"),
    path("public/t/<str:token>/actions/<str:action>/", public.ActionByToken.as_view(), name="api-public-act"),
    path("public/t/<str:token>/attachments/", attachments.AttachmentsByToken.as_view(), name="api-public-attachments"),
    re_path(r"^(?:.*/)?$", NoSuchCall.as_view(), name="api-unknown"),
]

_OPEN: dict[str, Any] = {"authentication_classes": [], "permission_classes": [], "throttle_classes": []}

urlpatterns = [
    path("schema/", login_not_required(SpectacularAPIView.as_view(**_OPEN)), name="api-schema"),
    path(
        "docs/",
        login_not_required(
            SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="api/docs.html", **_OPEN)
        ),
        name="api-docs",
    ),
    path("v1/", include(v1)),
]
