"""Files of an issue: sending them ahead of the action that names them, and listing them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs_files
from api.base import ApiView, PublicView
from api.errors import InvalidInput, body
from api.idempotency import idempotent
from api.views.issues import find
from api.views.public import by_token, keep_proof, prove
from common.clock import now
from communities.actors import Actor
from files.errors import FileRefused
from files.models import StoredFile
from files.services import receive_all
from issues import policies
from issues.enums import SUBJECT, Proof
from issues.models import Issue
from issues.reading.attachments import as_rows, files_for, files_for_reporter, resident_link, staff_link
from issues.resident import device
from issues.services.errors import NotPermitted

if TYPE_CHECKING:
    from django.http import QueryDict

FIELD = "file"


class IssueAttachments(ApiView):
    """The files of one issue."""

    parser_classes = [MultiPartParser]

    @docs_files.attachment_list
    def get(self, request: Request, number: str) -> Response:
        """What is attached, oldest first. A leader reads an issue as its reporter does."""
        issue = find(self.actor, number)
        return Response({"results": as_rows(files_for(issue, self.access), staff_link), "next": None})

    @docs_files.attachment_create
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        """Attach up to nine files; their ids go into ``attachments`` of an action. All are taken, or none."""
        actor = self.actor
        issue = find(actor, number)
        check_may_attach(issue, actor)
        return _received(request, issue, actor, staff_link)


class AttachmentsByToken(PublicView):
    """The files of one matter by its secret link."""

    parser_classes = [MultiPartParser]

    @docs_files.public_attachment_list
    def get(self, request: Request, token: str) -> Response:
        """What the office sent, to a browser that has proven the end of the phone number; also what the reporter sent,
        to one that has proven all of it. Nothing by the link alone."""
        issue = by_token(token)
        files = files_for_reporter(issue, proof=device.proof_of(request._request, issue))
        return Response({"results": as_rows(files, resident_link(token)), "next": None})

    @docs_files.public_attachment_create
    @idempotent
    def post(self, request: Request, token: str) -> Response:
        """Attach up to nine files to the own matter, with the whole phone number that was left."""
        issue = by_token(token)
        actor = Actor.reporter(issue)
        prove(request, issue, cast("QueryDict", request.data).get("phone"))
        check_may_attach(issue, actor)
        response = _received(request, issue, actor, resident_link(token))
        keep_proof(request, response, issue, Proof.WHOLE)
        return response


def check_may_attach(issue: Issue, actor: Actor) -> None:
    """Only who has a part in the issue may attach: the table lets each of them comment in every status.

    Raises NotPermitted for those who only look on.
    """
    if not policies.parties(actor, issue):
        raise NotPermitted


def _received(request: Request, issue: Issue, actor: Actor, link: Any) -> Response:
    uploads = [one for one in request.FILES.getlist(FIELD) if isinstance(one, UploadedFile)]
    if not uploads:
        raise InvalidInput({FIELD: _("请选择文件")})
    try:
        files = _kept(uploads, issue, actor)
    except ExceptionGroup as group:
        refused = [str(error) for error in group.exceptions if isinstance(error, FileRefused)]
        answer = body("invalid", InvalidInput.default_detail)
        answer["fields"] = {FIELD: refused}
        return Response(answer, status=status.HTTP_400_BAD_REQUEST)
    return Response(as_rows(files, link), status=status.HTTP_201_CREATED)


def _kept(uploads: "Sequence[UploadedFile[Any]]", issue: Issue, actor: Actor) -> list[StoredFile]:
    return receive_all(
        uploads=uploads,
        by_id=actor.user_id,
        at=now(),
        owner_kind=SUBJECT,
        owner_id=issue.pk,
        subdistrict_id=issue.subdistrict_id,
    )
