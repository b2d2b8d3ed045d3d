"""Bringing an office in from a workbook or a folder of CSV: all of it or nothing, every wrong row in one line.

The same file again changes nothing; a row that is missing retires nobody; an existing password is never touched.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from accounts.signing_in import folded_username
from common.sheets import SheetError, Tables, records
from communities.actors import Actor
from communities.models import SubDistrict
from offices.forms import OfficeForm
from offices.kinds import KINDS, ReferenceKind
from offices.limit_forms import LimitForm
from offices.people_forms import MembershipForm, PersonForm
from offices.services import limits, offices, people, references
from offices.services.errors import AlreadyThere, InvalidReference, OfficeError

OFFICE: Final = "office"
PEOPLE: Final = "people"
LIMITS: Final = "limits"
_TOLD_EVERY: Final = 50
ADDED, CHANGED, SAME = "added", "changed", "same"


@dataclass(frozen=True)
class Sheet:
    """One table of the file: under which names it is found, and its columns."""

    code: str
    label: Promise
    fields: Mapping[str, forms.Field]

    def names(self) -> set[str]:
        """The code, and the label in both languages."""
        return {self.code, *_in_both(self.label)}

    def columns(self) -> dict[str, list[str]]:
        """Field → the names that its column may have, in the template's language first."""
        return {name: [*_in_both(field.label or name), name] for name, field in self.fields.items()}

    def needed(self) -> list[str]:
        """The columns without which nothing can be read."""
        return [name for name, field in self.fields.items() if field.required]


def _in_both(words: Any) -> list[str]:
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append(str(words))
    return found


SHEETS: Final = (
    Sheet(OFFICE, gettext_lazy("街道"), OfficeForm.base_fields),
    *(Sheet(kind.code, kind.label, kind.fields) for kind in KINDS.values()),
    Sheet(LIMITS, gettext_lazy("办理时限"), LimitForm.base_fields),
    Sheet(PEOPLE, gettext_lazy("工作人员"), {**PersonForm.base_fields, **MembershipForm.base_fields}),
)
"""In the order in which they are read."""


@dataclass(frozen=True)
class RowError:
    """One row that is wrong."""

    sheet: str
    row: int
    message: str

    def __str__(self) -> str:
        return _("%(sheet)s 第 %(row)s 行：%(message)s") % {
            "sheet": self.sheet,
            "row": self.row,
            "message": self.message,
        }


@dataclass
class ImportReport:
    """What the file would do, or did. ``invited``: new people, who have no password yet."""

    office: SubDistrict | None = None
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    invited: list[User] = field(default_factory=list)


class _NotKeptError(Exception):
    """Nothing of this is kept."""


def load(
    tables: Tables,
    *,
    by: Actor,
    at: datetime,
    dry_run: bool = False,
    office: SubDistrict | None = None,
    progress: Callable[[int], object] | None = None,
) -> ImportReport:
    """Write the whole file, or nothing where a row is wrong or it is a ``dry_run``. Raises SheetError.

    ``office``: the sub-district that the file is for, where it does not say so in a sheet of its own. ``progress`` is
    told now and then how many rows were worked on.
    """
    report = ImportReport(office)
    known = {name: sheet for sheet in SHEETS for name in sheet.names()}
    found = {known[name].code: lines for name, lines in tables.items() if name in known}
    if not found:
        raise SheetError(_("没有找到可导入的工作表，请使用模板"))
    try:
        with transaction.atomic():
            _Loading(report, by, at, progress).load(found)
            if report.errors or dry_run:
                raise _NotKeptError
    except _NotKeptError:
        report.invited = []
    return report


class _Loading:
    """One pass over the file, within one transaction."""

    def __init__(self, report: ImportReport, by: Actor, at: datetime, progress: Callable[[int], object] | None) -> None:
        self.report, self.by, self.at = report, by, at
        self.progress, self.worked_on = progress, 0

    def load(self, found: Mapping[str, Sequence[Any]]) -> None:
        """Sheet by sheet, in the order in which they refer to one another."""
        for sheet in SHEETS:
            if sheet.code not in found:
                continue
            counts = self.report.counts.setdefault(sheet.code, Counter())
            for number, values in self._records(sheet, found[sheet.code]):
                try:
                    with transaction.atomic():
                        counts[self._write(sheet.code, values)] += 1
                except OfficeError as error:
                    self.report.errors.append(RowError(str(sheet.label), number, _words(sheet, error)))
                self._tell()

    def _tell(self) -> None:
        self.worked_on += 1
        if self.progress is not None and self.worked_on % _TOLD_EVERY == 0:
            self.progress(self.worked_on)

    def _records(self, sheet: Sheet, lines: Sequence[Any]) -> list[tuple[int, dict[str, str]]]:
        try:
            return records(lines, sheet.columns(), sheet.needed())
        except SheetError as error:
            raise SheetError(f"{sheet.label}：{error.message}") from error

    def _write(self, code: str, values: dict[str, str]) -> str:
        if code == OFFICE:
            return self._office(values)
        office = self.report.office
        if office is None:
            raise SheetError(_("文件没有“街道”工作表，请先写明是哪个街道"))
        if code == PEOPLE:
            return self._person(office, values)
        if code == LIMITS:
            return self._limit(office, values)
        return self._row(KINDS[code], office, values)

    def _office(self, values: dict[str, str]) -> str:
        if self.report.office is not None and self.report.office.code.upper() != values["code"].upper():
            raise OfficeError(_("一个文件只能有一个街道"))
        written = offices.write_office(data=values, by=self.by, at=self.at)
        self.report.office = written.row
        return _outcome(written.event)

    def _row(self, kind: ReferenceKind, office: SubDistrict, values: dict[str, str]) -> str:
        present = _present(kind, office, values)
        if present is not None:
            values = _completed(kind, office, present, values)
        written = references.write(
            kind, office=office, data=values, by=self.by, at=self.at, pk=present.pk if present else None
        )
        return _outcome(written.event)

    def _limit(self, office: SubDistrict, values: dict[str, str]) -> str:
        """One cell of the table; what the table does not have is no row of it."""
        form = LimitForm(values)
        if not form.is_valid():
            raise InvalidReference(form)
        cleaned, key = form.cleaned_data, form.key
        written = limits.set_limit(
            office=office, key=key, limit=cleaned["limit"], times=cleaned["times"], was=None, by=self.by, at=self.at
        )
        return CHANGED if written else SAME

    def _person(self, office: SubDistrict, values: dict[str, str]) -> str:
        """A person has a row for each thing that they are."""
        user = User.objects.named(folded_username(values["username"])).first()
        if user is None:
            self.report.invited.append(people.add_person(office=office, data=values, by=self.by, at=self.at))
            return ADDED
        try:
            people.add_membership(office=office, user_id=user.pk, data=values, by=self.by, at=self.at)
        except AlreadyThere:
            return SAME
        return CHANGED


def _outcome(event: str) -> str:
    return {references.ADDED: ADDED, references.CHANGED: CHANGED}.get(event, SAME)


def _present(kind: ReferenceKind, office: SubDistrict, values: Mapping[str, str]) -> Any:
    """The row that this row of the sheet is about, by its key; None for a new one."""
    return kind.rows_of(office).filter(**kind.form.key_of(values)).order_by("id").first()


def _completed(kind: ReferenceKind, office: SubDistrict, row: Any, values: dict[str, str]) -> dict[str, Any]:
    """Columns that the sheet does not have stay as they are."""
    form = kind.form_for(office, row)
    return {**{name: form[name].value() for name in form.fields}, **values}


def _words(sheet: Sheet, error: OfficeError) -> str:
    if not isinstance(error, InvalidReference):
        return error.message
    fields = sheet.fields
    parts = [
        f"{fields[name].label}：{text}" if name in fields else text
        for name, texts in error.errors.items()
        for text in texts
    ]
    return _("；").join(parts)
