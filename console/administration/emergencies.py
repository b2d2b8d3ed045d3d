"""急事用语: the words that raise an alarm in a sub-district, as its administrator reads and changes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission
from communities.emergencies import Word, forget, words_of
from communities.emergency_editing import set_word
from communities.models import EmergencyWord, Severity, SubDistrict
from console.administration.areas import administered
from console.kit.reading import reader_of
from console.kit.shapes import ChoiceShape, FieldShape


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def emergency_words(request: HttpRequest) -> HttpResponse:
    """``/console/admin/emergency-words/``: the list, and one form that adds or changes a word."""
    reader = reader_of(request)
    area = administered(reader, Permission.EDIT_LADDER, request.POST.get("area") or request.GET.get("area", ""))
    if request.method != "POST":
        return _page(request, area, {"word": request.GET.get("word", "")[:40]}, {})
    given = {name: request.POST.get(name, "")[:80] for name in ("word", "level", "dial")}
    try:
        set_word(subdistrict_id=area.pk, **given, by=reader.user, role=reader.actor.role, at=reader.now)
    except ValidationError as error:
        return _page(request, area, given, error.message_dict, status=400)
    messages.success(request, _("已保存“%(word)s”") % {"word": given["word"]})
    return redirect(f"{request.path}?area={area.pk}")


def _page(
    request: HttpRequest,
    area: SubDistrict,
    given: Mapping[str, str],
    errors: Mapping[str, Sequence[str]],
    status: int = 200,
) -> HttpResponse:
    forget()
    words = words_of(area.pk)
    own = set(EmergencyWord.objects.filter(subdistrict=area, retired_at=None).values_list("word", flat=True))
    known = next((row for row in words if row.word == given.get("word")), Word("", "critical", "119"))
    shown = {"level": known.level, "dial": known.dial, **given}
    levels = [(value, [row for row in words if row.level == value]) for value in Severity.values]
    context: dict[str, Any] = {
        "area": area,
        "groups": [
            {
                "label": str(Severity(value).label),
                "rows": [{"word": row.word, "dial": row.dial, "own": row.word in own} for row in rows],
            }
            for value, rows in levels
        ],
        "fields": _fields(shown, errors),
    }
    return render(request, "console/administration/emergency_words.html", context, status=status)


def _fields(shown: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> list[FieldShape]:
    choices = [ChoiceShape(value, str(label)) for value, label in Severity.choices]
    wrong = {name: tuple(errors.get(name, ())) for name in ("word", "level", "dial")}
    return [
        FieldShape("word", _("词"), value=shown["word"], required=True, maxlength=40, errors=wrong["word"]),
        FieldShape(
            "level", _("紧急程度"), "choice", shown["level"], choices, errors=wrong["level"],
            help=_("不算紧急：写到这个词不报警，也不按其中较短的词报警，例如“落水管”"),
        ),
        FieldShape("dial", _("先拨电话"), "tel", shown["dial"], maxlength=20, errors=wrong["dial"]),
    ]  # fmt: skip
