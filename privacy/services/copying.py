"""The copy of what is held about a person, to take along: JSON with the files that they sent (PIPL Art. 45)."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from files import storage
from files.enums import Size
from files.models import StoredFile
from files.presenting import served_name
from issues.enums import Proof
from issues.models import Issue
from issues.resident import for_reporters, resident_view
from issues.resident.shapes import ResidentView
from issues.services.errors import NotPermitted
from journal.services import Entry, record
from privacy.enums import RIGHTS, RightsState
from privacy.models import RightsRequest
from privacy.reading import hashes_of, matters_of
from privacy.services.errors import HasEnded
from privacy.services.rights import may_answer

_CONTACT: Final = ("name", "phone", "address", "numbers", "messages")


def make_copy(*, request_id: int, by: Actor, at: datetime) -> bytes:
    """A ZIP with all that is held about who asks: their matters as they read them, contact, files, earlier requests.

    What staff wrote for one another and what others said is not theirs. One event. Raises NotPermitted, HasEnded.
    """
    with transaction.atomic():
        request = RightsRequest.objects.select_for_update(no_key=True).get(pk=request_id)
        if by.user is None or not may_answer(by.access, request.subdistrict_id):
            raise NotPermitted(_("您没有权限办理个人信息请求"))
        if request.status != RightsState.DECIDED:
            raise HasEnded(_("先决定办理，再制作副本"))
        ids = [issue.pk for issue in matters_of(request)]
        views = [(issue, resident_view(issue, at, proof=Proof.WHOLE, files=True)) for issue in _loaded(ids)]
        record(
            Entry(
                subject_kind=RIGHTS,
                subject_id=request.pk,
                kind="rights_exported",
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data={"issues": ids},
            )
        )
    return _zip(request, views, at)


def _loaded(ids: list[int]) -> list[Issue]:
    return list(for_reporters(Issue.objects.filter(pk__in=ids)).order_by("-id"))


def _zip(request: RightsRequest, views: list[tuple[Issue, ResidentView]], at: datetime) -> bytes:
    files = _files(views)
    told = {
        "request": request.number,
        "made_at": _moment(at),
        "office": request.subdistrict.name_zh,
        "matters": [_matter(issue, view, files) for issue, view in views],
        "requests": [
            {"number": row.number, "kind": row.kind, "status": row.status, "received_at": _moment(row.received_at)}
            for row in _requests(request)
        ],
    }
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("personal-data.json", json.dumps(told, ensure_ascii=False, indent=2))
        for file, name in files.values():
            with storage.open_file(file.large if file.is_photo else file.original) as content:
                archive.writestr(name, content.read())
    return body.getvalue()


def _requests(request: RightsRequest) -> list[RightsRequest]:
    mine = Q(pk=request.pk) | Q(contact__phone_hash__in=hashes_of(request.contact))
    return list(RightsRequest.objects.filter(mine, subdistrict_id=request.subdistrict_id).order_by("id"))


def _files(views: list[tuple[Issue, ResidentView]]) -> dict[int, tuple[StoredFile, str]]:
    """The files that the person sent, and under which name each goes along."""
    wanted = {shown["id"]: issue for issue, view in views for shown in (*view.own_photos, *view.own_documents)}
    found = StoredFile.objects.filter(pk__in=wanted).order_by("pk")
    return {
        file.pk: (file, f"files/{file.pk}-{served_name(file, Size.LARGE if file.is_photo else Size.ORIGINAL)}")
        for file in found
        if file.is_ready
    }


def _matter(issue: Issue, view: ResidentView, files: dict[int, tuple[StoredFile, str]]) -> dict[str, Any]:
    contact = issue.contact
    own = [files[shown["id"]][1] for shown in (*view.own_photos, *view.own_documents) if shown["id"] in files]
    return {
        "number": issue.number,
        "raised_at": _moment(issue.created_at),
        "closed_at": _moment(issue.closed_at),
        "source": issue.source,
        "kind": issue.kind,
        "status": issue.status,
        "confidential": issue.confidential,
        "title": issue.title,
        "description": issue.description,
        "address": issue.address,
        "community": view.community,
        "contact": {name: getattr(contact, name) for name in _CONTACT} if contact else None,
        "verdict": issue.verdict,
        "solved": issue.solved,
        "answers": [{"at": _moment(one.at), "office": one.department, "text": one.text} for one in view.answers],
        "files": own,
    }


def _moment(at: datetime | None) -> str | None:
    return local(at).isoformat() if at is not None else None
