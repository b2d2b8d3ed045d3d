"""不在岗: when a person is away, and who stands in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Absence
from common.clock import local
from console.kit.reading import LONGEST, Reader, reader_of, text_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, error_title
from console.notifications.pages import until_of
from reminders.services import absences
from reminders.services.absences import AbsenceError, Colleague, Setter

_HOME: Final = "console-absences"
_NAMES: Final = ("person", "starts_at", "ends_at", "cover")


@dataclass(frozen=True)
class AbsenceRow:
    """One absence as the page shows it; ``cancel_url`` is "" where the reader may not take it back.

    ``warning`` says that whoever stands in left, or is away too.
    """

    name: str
    own: bool
    covered: bool
    now: bool
    starts_at: datetime
    ends_at: datetime
    cover: str
    set_by: str
    cancel_url: str
    warning: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def absence_page(request: HttpRequest) -> HttpResponse:
    """``/console/notifications/absences/``: what is entered, and the form for one more."""
    page = _Page(request, reader_of(request))
    if request.method != "POST":
        return page.show(
            {
                "person": text_of(request, "person", 60) or page.reader.user.username,
                "starts_at": _typed(page.reader.now),
            }
        )
    values = {name: request.POST.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in _NAMES}
    wrong = page.mistakes(values)
    if wrong:
        return page.show(values, wrong, status=HTTPStatus.BAD_REQUEST)
    try:
        absence = page.add(values)
    except AbsenceError as error:
        return page.show(values, {error.field: error.messages}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已设置不在岗时间"))
    warning = absences.Covers(page.people, [absence], page.reader.now).warning(absence)
    if warning:
        messages.warning(request, warning)
    return redirect(_HOME)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/notifications/absences/<pk>/cancel/``: the person is back, or did not go."""
    page = _Page(request, reader_of(request))
    if absences.cancel_absence(absence_id=pk, by=page.setter, at=page.reader.now) is None:
        raise Http404(_("没有这条不在岗记录"))
    messages.success(request, _("已取消，提醒恢复发给本人"))
    return redirect(_HOME)


class _Page:
    """The people around the reader, what is entered for them, and the form."""

    def __init__(self, request: HttpRequest, reader: Reader) -> None:
        self.request, self.reader = request, reader
        self.people = absences.colleagues(reader.access)
        self.setter = Setter(access=reader.access, role=reader.actor.role, people=self.people)

    def mistakes(self, values: Mapping[str, str]) -> dict[str, Sequence[str]]:
        """What is missing or unreadable, by field."""
        wrong: dict[str, Sequence[str]] = {}
        if self._person(values["person"]) is None:
            wrong["person"] = [_("请从列出的选项中选择")]
        if values["cover"] and self._person(values["cover"]) is None:
            wrong["cover"] = [_("请从列出的选项中选择")]
        for name in ("starts_at", "ends_at"):
            if until_of(values[name]) is None:
                wrong[name] = [_("请选择时间")]
        return wrong

    def add(self, values: Mapping[str, str]) -> Absence:
        """Enter what was typed. Raises AbsenceError."""
        person, cover = self._person(values["person"]), self._person(values["cover"])
        starts_at, ends_at = until_of(values["starts_at"]), until_of(values["ends_at"])
        if person is None or starts_at is None or ends_at is None:
            raise AbsenceError("", _("还有内容没有填写"))
        return absences.add_absence(
            person_id=person.user_id,
            cover_id=cover.user_id if cover else None,
            starts_at=starts_at,
            ends_at=ends_at,
            by=self.setter,
            at=self.reader.now,
        )

    def show(
        self,
        values: Mapping[str, str],
        wrong: Mapping[str, Sequence[str]] | None = None,
        *,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """The page with these values."""
        wrong = wrong or {}
        fields = [replace(f, value=values.get(f.name, ""), errors=wrong.get(f.name, ())) for f in self._fields()]
        labels = {field.name: field.label for field in fields}
        errors = [
            ErrorItem(field_id=f"id_{name}" if name in labels else "", label=labels.get(name, ""), message=str(text))
            for name, texts in wrong.items()
            for text in texts
        ]
        context = {
            "rows": self._rows(),
            "fields": {field.name: field for field in fields},
            "others": len(self._settable()) > 1,
            "errors": errors,
            "error_title": error_title(len(errors)),
        }
        return render(self.request, "console/notifications/absences.html", context, status=status)

    def _person(self, username: str) -> Colleague | None:
        return next((person for person in self.people if person.username == username), None)

    def _settable(self) -> list[Colleague]:
        return [person for person in self.people if person.settable]

    def _fields(self) -> list[FieldShape]:
        own = next((person for person in self.people if person.user_id == self.reader.user.pk), None)
        settable = self._settable()
        covers = [person for person in self.people if any(person.works_with(other) for other in settable)]
        if own and len(settable) == 1:
            covers = [person for person in covers if person.works_with(own)]
        return [
            FieldShape(
                "person", _("谁不在岗"), "officer", choices=_choices(settable), required=True,
                placeholder=_("输入姓名或账号"),
            ),
            FieldShape("starts_at", _("从"), "datetime", required=True, half=True),
            FieldShape("ends_at", _("到"), "datetime", required=True, half=True),
            FieldShape(
                "cover", _("由谁代班"), "officer", choices=_choices(covers),
                placeholder=_("不指定，由本单位下一位接收"),
                help=_("这段时间应发给本人的提醒改发给代班人；代班人看得到工单，才会收到"),
            ),
        ]  # fmt: skip

    def _rows(self) -> list[AbsenceRow]:
        settable = {person.user_id for person in self._settable()}
        me, now = self.reader.user.pk, self.reader.now
        rows = absences.standing_absences(settable | {me}, me, now)
        covers = absences.Covers(self.people, rows, now)
        return [
            AbsenceRow(
                name=row.user.display_name,
                own=row.user_id == me,
                covered=row.cover_id == me,
                now=row.starts_at <= now,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                cover=row.cover.display_name if row.cover else "",
                set_by=row.created_by.display_name if row.created_by_id != row.user_id else "",
                cancel_url=reverse("console-absence-cancel", args=[row.pk]) if row.user_id in settable else "",
                warning=covers.warning(row),
            )
            for row in rows
        ]


def _choices(people: Sequence[Colleague]) -> tuple[ChoiceShape, ...]:
    return tuple(
        ChoiceShape(value=person.username, label=person.name, help=person.place, keys=person.username)
        for person in people
    )


def _typed(at: datetime) -> str:
    return f"{local(at):%Y-%m-%dT%H:%M}"
