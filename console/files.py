"""Files for those who are signed in: only to those who may see the issue."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from commitments.enums import SUBJECT as COMMITMENT
from commitments.models import Commitment
from communities.access import access_of
from files.serving import find_file, serve
from issues.enums import SUBJECT
from issues.models import Issue
from issues.reading.attachments import discreetly_named, is_shown
from leaders.enums import ANSWER
from leaders.models import LeaderAnswer


@require_safe
def staff_file(request: HttpRequest, public_id: str, size: str, name: str) -> HttpResponseBase:
    """``/files/<public_id>/<size>/<name>``: for signed-in people; ``name`` is only what a saved file is called."""
    file = find_file(public_id)
    access = access_of(request.user)
    if file.owner_kind == SUBJECT:
        issue = Issue.objects.visible_to(access).defer("lexemes").filter(pk=file.owner_id or 0).first()
        if issue is None:
            raise Http404
        if not is_shown(file, issue, access):
            raise Http404
        discreetly_named([file], issue, access)
    elif file.owner_kind == COMMITMENT:
        if not access.is_staff or not Commitment.objects.filter(pk=file.owner_id or 0).visible_to(access).exists():
            raise Http404
    elif file.owner_kind == ANSWER:
        if not access.is_staff or not LeaderAnswer.objects.filter(pk=file.owner_id or 0).visible_to(access).exists():
            raise Http404
    elif file.owner_kind or file.uploaded_by_id != access.user_id:
        raise Http404
    return serve(request, file, size)
