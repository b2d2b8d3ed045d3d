"""What a panel sent: the fields as the service takes them, what to show again if it is refused, and its files.

Files are received before the action is tried. Where it is refused they stay, with the words: the form comes back with
their ids, and nothing has to be chosen or uploaded again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from console.issues import edit_panel
from console.issues.action_rows import ROWS
from console.kit.reading import Reader
from files.models import StoredFile
from files.presenting import present_file
from files.services import receive_each
from issues import workflow
from issues.enums import SUBJECT, Action
from issues.fields import Codes, field_of
from issues.models import Issue
from issues.reading.attachments import staff_link
from issues.reading.finding import by_number, parse_number
from issues.services.errors import InvalidFields

NEW_FILES: Final = "files"
KEPT_FILES: Final = "attachments"
_ID: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_OF_THE_FORM: Final = frozenset({"csrfmiddlewaretoken", "version", "next", NEW_FILES, KEPT_FILES})


@dataclass
class SentAction:
    """``data`` goes to the service, ``typed`` back into the form; ``wrong`` names what is wrong already."""

    data: dict[str, Any] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)
    files: list[StoredFile] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The files as the form shows them."""
        return [present_file(file, staff_link) for file in self.files]


def may_try(issue: Issue, reader: Reader, action: str) -> bool:
    """Whether any row of ``action`` is this person's: before, no file is taken in."""
    who = reader.parties(issue)
    return any(row.who & who for row in workflow.rows_of(action))


def read_sent(request: HttpRequest, issue: Issue, reader: Reader, action: str) -> SentAction:
    """The fields and files of one panel. A statement per file, and one or two for those that came before."""
    sent = SentAction()
    if action == Action.EDIT:
        sent.typed = edit_panel.typed_values(request.POST, issue)
        try:
            sent.data = edit_panel.changed_data(request.POST, reader)
        except InvalidFields as error:
            sent.wrong |= {name: [str(text)] for name, text in error.fields.items()}
        return sent
    sent.data = _plain(request, action)
    if action == Action.MERGE:
        sent.data["master"] = _full_number(sent.data, issue, reader)
    sent.typed = dict(sent.data)
    if ROWS[action].files:
        _take_files(request, issue, reader, sent)
    return sent


def _plain(request: HttpRequest, action: str) -> dict[str, Any]:
    """The posted fields; of those that take several all values, of the others the last."""
    data: dict[str, Any] = {}
    for name in request.POST:
        if name in _OF_THE_FORM:
            continue
        several = name in _SEVERAL and isinstance(field_of(action, name), Codes)
        data[name] = request.POST.getlist(name) if several else request.POST[name]
    return data


_SEVERAL: Final = frozenset({"users", "departments"})


def _full_number(data: dict[str, Any], issue: Issue, reader: Reader) -> str:
    """The number that was chosen, or what was typed as the full number: 123, 2026-123 and so on."""
    typed = str(data.pop("master_number", "")).strip()[:40].replace("\x00", "")
    if not typed:
        return str(data.get("master", ""))
    form = parse_number(typed, reader.now)
    rows = by_number(form).filter(subdistrict_id=issue.subdistrict_id) if form else Issue.objects.none()
    return rows.values_list("number", flat=True).first() or typed


def _take_files(request: HttpRequest, issue: Issue, reader: Reader, sent: SentAction) -> None:
    """Those that came with an earlier try, and the new ones; refusals are errors of the field."""
    earlier = [int(text) for text in request.POST.getlist(KEPT_FILES) if _ID.fullmatch(text)][: workflow.MOST_FILES]
    if earlier:
        mine = StoredFile.objects.of(SUBJECT, issue.pk).filter(pk__in=earlier, uploaded_by_id=reader.user.pk)
        sent.files += mine.in_order()
    uploads = request.FILES.getlist(NEW_FILES)
    if uploads:
        received, refused = receive_each(
            uploads=uploads,
            by_id=reader.user.pk,
            at=reader.now,
            owner_kind=SUBJECT,
            owner_id=issue.pk,
            subdistrict_id=issue.subdistrict_id,
        )
        sent.files += received
        if refused:
            sent.wrong["attachments"] = [str(error) for error in refused]
    if len(sent.files) > workflow.MOST_FILES:
        sent.wrong.setdefault("attachments", []).append(_("一次最多上传 %(n)d 个文件") % {"n": workflow.MOST_FILES})
    if sent.files:
        sent.data["attachments"] = [file.pk for file in sent.files]
