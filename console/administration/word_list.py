"""俗语词表: what residents say for what the office writes, as an administrator reads and changes it."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission
from communities.models import ColloquialWord, SubDistrict
from communities.word_list import DEFAULT_WORDS, forget, word_list
from communities.word_list_editing import set_meaning
from console.administration.areas import administered
from console.kit.reading import reader_of
from console.kit.shapes import FieldShape


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def word_list_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/word-list/``: the list, and one form that adds, changes or switches off a word."""
    reader = reader_of(request)
    area = administered(reader, Permission.EDIT_LADDER, request.POST.get("area") or request.GET.get("area", ""))
    if request.method != "POST":
        return _page(request, area, {"word": request.GET.get("word", "")[:20]}, {})
    given = {name: request.POST.get(name, "")[:80].replace("\x00", "") for name in ("word", "means")}
    try:
        set_meaning(subdistrict_id=area.pk, **given, by=reader.user, role=reader.actor.role, at=reader.now)
    except ValidationError as error:
        return _page(request, area, given, error.message_dict, status=400)
    messages.success(request, _("已保存“%(word)s”") % {"word": given["word"].strip()})
    return redirect(f"{request.path}?area={area.pk}")


def _page(
    request: HttpRequest,
    area: SubDistrict,
    given: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    status: int = 200,
) -> HttpResponse:
    forget()
    meanings = word_list(area.pk).meanings
    own = dict(ColloquialWord.objects.filter(subdistrict=area, retired_at=None).values_list("word", "means"))
    asked = given.get("word", "")
    shown = {"word": "", "means": meanings.get(asked) or DEFAULT_WORDS.get(asked, ""), **given}
    rows = sorted((meaning, word) for word, meaning in meanings.items())
    context: dict[str, Any] = {
        "area": area,
        "groups": [
            {"means": meaning, "rows": [{"word": word, "own": word in own} for _meaning, word in words]}
            for meaning, words in groupby(rows, key=lambda row: row[0])
        ],
        "off": sorted(word for word, meaning in own.items() if not meaning),
        "fields": _fields(shown, errors),
    }
    return render(request, "console/administration/word_list.html", context, status=status)


def _fields(shown: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> list[FieldShape]:
    wrong = {name: tuple(errors.get(name, ())) for name in ("word", "means")}
    off = _("留空：这个说法不再对应别的词")
    return [
        FieldShape("word", _("居民的说法"), value=shown["word"], required=True, maxlength=20, errors=wrong["word"]),
        FieldShape("means", _("规范用词"), value=shown["means"], maxlength=20, errors=wrong["means"], help=off),
    ]
