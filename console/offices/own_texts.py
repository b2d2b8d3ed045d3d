"""常用语: the texts of one's own, and the form for one more."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from console.kit.form_fields import Errors, error_items, shapes_of
from console.kit.reading import Reader, number_of, reader_of, text_of
from console.kit.shapes import error_title
from offices.kinds import TEXT
from offices.models import TextModule
from offices.sealing import digest_of
from offices.services import texts
from offices.services.errors import AlreadyThere, InvalidReference, ReferenceChanged
from offices.texts import dropped_by, own_of


@dataclass(frozen=True)
class TextRow:
    """One text."""

    id: int
    label: str
    use: str
    text: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_texts(request: HttpRequest) -> HttpResponse:
    """``/console/texts/``: what is there, and a form; ``edit`` opens one of them in it."""
    reader = reader_of(request)
    given = request.POST.get("row", "") or text_of(request, "edit", 18)
    pk = number_of(given) or 0
    row = own_of(reader.user).filter(pk=pk).first() if pk else None
    known = row is not None or (request.method == "POST" and dropped_by(reader.user, pk))
    if pk and not known:
        raise Http404(_("没有找到，可能属于别的街道"))
    if request.method != "POST":
        return _page(request, reader, row, TEXT.form_for(None, row))
    if pk and request.POST.get("step") == "drop":
        texts.drop_own(pk=pk, by=reader.actor, at=reader.now)
        messages.success(request, _("已删去"))
        return redirect("console-texts")
    version = request.POST.get("version", "")
    try:
        texts.write_own(data=request.POST, by=reader.actor, at=reader.now, pk=pk or None, version=version)
    except InvalidReference as error:
        return _page(request, reader, row, error.forms[0], error.errors, status=HTTPStatus.BAD_REQUEST)
    except (AlreadyThere, ReferenceChanged) as error:
        row = own_of(reader.user).filter(pk=pk).first()
        form = TEXT.form_for(None, row, request.POST)
        return _page(request, reader, row, form, conflict=error.message, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已保存"))
    return redirect("console-texts")


def _version(reader: Reader, row: TextModule | None) -> str:
    """The row as it stands, whatever was typed into it."""
    stored = own_of(reader.user).filter(pk=row.pk).first() if row else None
    return digest_of(TEXT, stored) if stored else ""


def _page(
    request: HttpRequest,
    reader: Reader,
    row: TextModule | None,
    form: Any,
    errors: Errors | None = None,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    errors = errors or {}
    fields = shapes_of(form, errors)
    rows = own_of(reader.user)
    context: dict[str, Any] = {
        "rows": [TextRow(one.pk, one.label, one.get_use_display() if one.use else "", one.text) for one in rows],
        "row": row,
        "fields": fields,
        "errors": error_items(fields, errors),
        "error_title": error_title(len(errors)),
        "version": _version(reader, row),
        "conflict": conflict,
    }
    return render(request, "console/offices/own_texts.html", context, status=status)
