"""The workbook in which an office is described: a sheet a kind, its columns, and what goes into them."""

import io
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from offices.forms import YesNo, options_of
from offices.importing import SHEETS, Sheet

_WIDTH = 18


def template_workbook() -> bytes:
    """The empty workbook, in the active language."""
    import xlsxwriter

    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#EEF1F4", "border": 1})
    for sheet in SHEETS:
        page = book.add_worksheet(str(sheet.label))
        for column, field in enumerate(sheet.fields.values()):
            page.write_string(0, column, f"{field.label}{'*' if field.required else ''}", head)
            page.set_column(column, column, _WIDTH)
            _offer(page, column, field)
        page.freeze_panes(1, 0)
    _explain(book)
    book.close()
    return output.getvalue()


def _offer(page: Any, column: int, field: forms.Field) -> None:
    """A list to choose from, where the field is an enumeration."""
    choices = [_("是"), _("否")] if isinstance(field, YesNo) else [label for _code, label in options_of(field)]
    if choices:
        page.data_validation(1, column, 5000, column, {"validate": "list", "source": choices})


def _explain(book: Any) -> None:
    page = book.add_worksheet(_("填写说明"))
    page.set_column(0, 1, 24)
    page.set_column(2, 2, 70)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    lines = [
        (sheet.label, field.label, _about(sheet, name, field))
        for sheet in SHEETS
        for name, field in sheet.fields.items()
    ]
    for row, line in enumerate([(_("工作表"), _("列"), _("说明")), *lines]):
        for column, words in enumerate(line):
            page.write_string(row, column, str(words), wrapped)


def _about(sheet: Sheet, name: str, field: forms.Field) -> str:
    parts = [_("必填") if field.required else "", str(field.help_text)]
    parts.append(_("、").join(label for _code, label in options_of(field)))
    return _("；").join(part for part in parts if part)
