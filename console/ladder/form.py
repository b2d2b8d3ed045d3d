"""Adding, changing and retiring a rung: a form, what it would do at once, and only then the saving."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from communities.models import SubDistrict
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, error_title
from console.ladder.pages import area_of, areas_of, home_url
from console.ladder.review import review
from deadlines import kinds
from deadlines.arithmetic import DAILY, OffsetError, parse_offset
from deadlines.enums import Level
from deadlines.services import load_calendar
from reminders import ladder_rules, ladder_words
from reminders import rungs as specs
from reminders.enums import Channel, Ladder
from reminders.ladder import Rung
from reminders.ladder_preview import preview
from reminders.ladder_rules import Edit, NoSuchRung, key_of
from reminders.services import ladder_editing
from reminders.services.ladder_editing import Invalid, NotAllowed, Stale, StandingLadder, standing_ladder

BEFORE, AT, AFTER = "before", "at", "after"
_LISTS: Final = ("roles", "kinds", "levels", "channels")
_SINGLE: Final = ("code", "anchor", "side", "amount", "unit", "rank")
_MOST: Final = 999

Values = dict[str, Any]


@dataclass(frozen=True)
class _Page:
    """One request for one rung of one ladder; ``present`` is the rung that is there, None for a new one."""

    request: HttpRequest
    reader: Reader
    area: SubDistrict
    standing: StandingLadder
    ladder: str
    present: Rung | None

    @property
    def key(self) -> str | None:
        """The rung's name, None for a new one."""
        return key_of(self.present) if self.present else None

    @property
    def url(self) -> str:
        """Where its forms go."""
        return reverse("console-ladder-rung", args=[self.key]) if self.present else reverse("console-ladder-new")

    @property
    def back_url(self) -> str:
        """The ladder that it stands on."""
        return home_url(self.area, self.ladder)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_rung(request: HttpRequest) -> HttpResponse:
    """``/console/admin/ladder/new/``: one more rung on the ladder that the query or the form names."""
    reader = reader_of(request)
    given = request.POST if request.method == "POST" else request.GET
    area = area_of(areas_of(reader), given.get("area", ""))
    ladder = given.get("ladder", Ladder.WORKING)
    if ladder not in Ladder.values:
        raise Http404(_("没有这个阶梯"))
    page = _Page(request, reader, area, standing_ladder(area.pk), ladder, None)
    if request.method == "POST":
        return _posted(page)
    return _form(
        page, {"anchor": "due", "side": AT, "unit": "wd", "rank": _ranks(page, Rung(ladder, "", 1, "", ()))[0]}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit_rung(request: HttpRequest, key: str) -> HttpResponse:
    """``/console/admin/ladder/<key>/``: change or retire one; 409 keeps what was typed and shows what stands now."""
    reader = reader_of(request)
    given = request.POST if request.method == "POST" else request.GET
    area = area_of(areas_of(reader), given.get("area", ""))
    present = standing_ladder(area.pk)
    try:
        rung = ladder_rules.find(present.rungs, key)
    except NoSuchRung as error:
        if request.method != "POST":
            raise Http404(_("没有这一级提醒，可能已被停用")) from error
        messages.error(request, _("这一级提醒刚被别人修改或停用，请重新打开"))
        return HttpResponseRedirect(home_url(area, Ladder.WORKING))
    page = _Page(request, reader, area, present, rung.ladder, rung)
    return _posted(page) if request.method == "POST" else _form(page, values_of(rung))


def _posted(page: _Page) -> HttpResponse:
    """What a form asks for by its button: ``preview`` first, ``save`` from there, ``edit`` back to the form."""
    posted = page.request.POST
    values, step = _values_in(posted), posted.get("step", "preview")
    retires = page.present is not None and posted.get("retire") == "1"
    if step == "edit":
        return _form(page, values)
    if posted.get("version", "") != page.standing.version:
        return _conflict(page, values)
    rung, errors = (None, {}) if retires else _rung_in(values, page)
    if rung is not None:
        errors = ladder_rules.check([other for other in page.standing.rungs if other != page.present], rung)
    if errors:
        return _form(page, values, errors, status=HTTPStatus.BAD_REQUEST)
    edit = Edit(page.key, rung, pass_over=not retires and posted.get("pass_over") == "true")
    return _save(page, edit, values) if step == "save" else _review(page, edit, values)


def _save(page: _Page, edit: Edit, values: Values) -> HttpResponse:
    try:
        ladder_editing.edit_ladder(
            subdistrict_id=page.area.pk,
            version=page.request.POST.get("version", ""),
            edit=edit,
            by=page.reader.access,
            role=page.reader.actor.role,
            at=page.reader.now,
        )
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    except (Stale, NoSuchRung):
        return _conflict(replace(page, standing=standing_ladder(page.area.pk)), values)
    except Invalid as error:
        return _form(page, values, error.fields, status=HTTPStatus.BAD_REQUEST)
    done = {"add": _("已增加一级提醒"), "change": _("已保存修改"), "retire": _("已停用这一级提醒")}
    follow = _("未办结的时限将在几分钟内按新规则重新计算")
    messages.success(page.request, _("%(done)s，%(follow)s") % {"done": done[edit.kind], "follow": follow})
    return HttpResponseRedirect(page.back_url)


def _conflict(page: _Page, values: Values) -> HttpResponse:
    """409: everything typed stays; going on overwrites what is shown as standing now."""
    now = next((rung for rung in page.standing.rungs if key_of(rung) == page.key), None)
    text = _("提醒规则刚被别人修改，您填写的内容还在。请核对后再继续")
    more = _("现为：%(rung)s") % {"rung": _in_one_line(now)} if now else ""
    return _form(page, values, status=HTTPStatus.CONFLICT, conflict={"text": text, "more": more})


def _review(page: _Page, edit: Edit, values: Values) -> HttpResponse:
    """The change in words, and what it would fire at once; nothing is written."""
    before = page.standing.rungs
    after = ladder_rules.apply(before, edit, page.reader.now)
    found = preview(page.area.pk, before, after, calendar=load_calendar(), at=page.reader.now)
    context = review(page.present, edit, found) | {
        "area": page.area,
        "ladder_label": str(Ladder(page.ladder).label),
        "own": page.standing.own,
        "hidden": _hidden(page, edit, values),
        "action": page.url,
        "back_url": page.back_url,
    }
    return render(page.request, "console/ladder/preview.html", context)


def _hidden(page: _Page, edit: Edit, values: Values) -> list[tuple[str, str]]:
    """What the saving form sends along: the ladder that was seen, and the form's own values."""
    pairs = [("area", str(page.area.pk)), ("ladder", page.ladder), ("version", page.standing.version)]
    if edit.kind == "retire":
        return [*pairs, ("retire", "1")]
    pairs += [(name, str(values[name])) for name in _SINGLE]
    return pairs + [(name, text) for name in _LISTS for text in values[name]]


# The form


def values_of(rung: Rung) -> Values:
    """A rung as the form shows it."""
    offset = parse_offset(rung.offset)
    return {
        "code": rung.code,
        "anchor": offset.anchor,
        "side": AT if not offset.amount else AFTER if offset.amount > 0 else BEFORE,
        "amount": str(abs(offset.amount)) if offset.amount else "",
        "unit": offset.unit or "wd",
        "rank": str(rung.rank),
        "roles": [str(role) for role in rung.roles],
        "kinds": sorted(rung.kinds),
        "levels": sorted(rung.levels),
        "channels": list(rung.channels),
    }


def _values_in(posted: QueryDict) -> Values:
    values: Values = {name: posted.get(name, "").replace("\x00", "").strip()[:24] for name in _SINGLE}
    return values | {name: [text[:24] for text in posted.getlist(name)[:40]] for name in _LISTS}


def _rung_in(values: Values, page: _Page) -> tuple[Rung | None, ladder_rules.Errors]:
    """The rung that the form describes, or what keeps it from being one."""
    errors: ladder_rules.Errors = {}
    if specs.find(values["code"]) is None:
        errors["code"] = [_("请选择做什么")]
    offset = _offset_in(values, errors)
    rank = page.present.rank if page.present else int(values["rank"]) if values["rank"].isdecimal() else 0
    if errors:
        return None, errors
    code = values["code"]
    rung = Rung(
        ladder=page.ladder,
        code=code,
        rank=rank,
        offset=offset,
        roles=tuple(role for role in ladder_words.ROLES if role in values["roles"]),
        kinds=frozenset(values["kinds"]),
        effect=specs.effect_of_rung(code),
        levels=frozenset(values["levels"]),
        channels=tuple(values["channels"]),
    )
    return rung, {}


def _offset_in(values: Values, errors: ladder_rules.Errors) -> str:
    anchor, side, amount = values["anchor"], values["side"], values["amount"]
    if anchor not in ladder_words.ANCHORS:
        errors["anchor"] = [_("请选择从哪一刻算起")]
        return ""
    if anchor == DAILY or side not in (BEFORE, AFTER):
        return str(anchor)
    if not amount.isdecimal() or not 1 <= int(amount) <= _MOST:
        errors["amount"] = [_("请填写1至%(most)d的整数") % {"most": _MOST}]
        return ""
    text = f"{anchor}{'-' if side == BEFORE else '+'}{int(amount)}{values['unit']}"
    try:
        parse_offset(text)
    except OffsetError:
        errors["unit"] = [pgettext("measure", "请选择单位")]
    return text


def _ranks(page: _Page, rung: Rung) -> list[int]:
    """The ranks that a new rung may have, those that nothing uses first."""
    others = page.standing.rungs
    used = {other.rank for other in others if other.ladder == page.ladder}
    free = ladder_rules.free_ranks(others, rung) or list(range(1, ladder_rules.HIGHEST_RANK + 1))
    return sorted(free, key=lambda rank: (rank in used, rank))


def _form(
    page: _Page,
    values: Values,
    errors: Mapping[str, Sequence[str]] | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    conflict: Mapping[str, str] | None = None,
) -> HttpResponse:
    errors = {_FIELD_OF.get(name, name): texts for name, texts in (errors or {}).items()}
    fields = [
        replace(field, value=values.get(field.name, ""), errors=errors.get(field.name, ())) for field in _fields(page)
    ]
    labels = {field.name: field.label for field in fields}
    items = [
        ErrorItem(field_id=f"id_{name}" if name in labels else "", label=labels.get(name, ""), message=text)
        for name, texts in errors.items()
        for text in texts
    ]
    context: dict[str, Any] = {
        "area": page.area,
        "ladder": page.ladder,
        "ladder_label": str(Ladder(page.ladder).label),
        "own": page.standing.own,
        "title": specs.label(page.present.code) if page.present else "",
        "stands": _in_one_line(page.present),
        "fields": {field.name: field for field in fields},
        "errors": items,
        "error_title": error_title(len(items)),
        "conflict": conflict,
        "version": page.standing.version,
        "action": page.url,
        "back_url": page.back_url,
    }
    return render(page.request, "console/ladder/form.html", context, status=status)


_FIELD_OF: Final = {"offset": "anchor", "ladder": "", "effect": "code"}
"""Where the errors of what has no field of its own stand."""


def _fields(page: _Page) -> list[FieldShape]:
    codes = tuple(
        ChoiceShape(spec.code, str(spec.label), help=ladder_words.effect_words(spec.effect)) for spec in specs.every()
    )
    side = (ChoiceShape(AT, _("到那一刻")), ChoiceShape(AFTER, _("之后")), ChoiceShape(BEFORE, _("之前")))
    ranks = tuple(ChoiceShape(str(rank), str(rank)) for rank in range(1, ladder_rules.HIGHEST_RANK + 1))
    clocks = tuple(ChoiceShape(spec.code, str(spec.label)) for spec in kinds.every())
    only_named = _("不选为全部。%(kinds)s要选中才提醒") % {"kinds": ladder_words.side_kinds()}
    fields = [
        FieldShape("code", _("做什么"), "choice", choices=codes, required=True),
        FieldShape("anchor", _("从哪一刻算起"), "select", choices=_choices(ladder_words.ANCHORS), required=True),
        FieldShape("side", _("前后"), "radio", choices=side, required=True),
        FieldShape(
            "amount", _("多久"), "number", least="1", most=str(_MOST), when=f"side:{BEFORE},{AFTER}", half=True,
        ),
        FieldShape(
            "unit", pgettext("measure", "单位"), "select", choices=_choices(ladder_words.UNITS),
            when=f"side:{BEFORE},{AFTER}", half=True,
            help=_("整天和整月往前算为当天8:30，往后算为当天17:30；每月没有那一天时取月末"),
        ),
        FieldShape(
            "roles", _("提醒谁"), "many", choices=_choices(ladder_words.ROLES), placeholder=_("筛选人员"),
            help=_("按提醒那一刻的在岗人员确定"),
        ),
        FieldShape("kinds", _("适用时限"), "many", choices=clocks, placeholder=_("筛选时限"), help=only_named),
        FieldShape("levels", _("适用级别"), "many", choices=_labels(Level), help=_("不选为全部级别")),
        FieldShape(
            "channels", _("渠道"), "many", choices=_labels(Channel),
            help=_("站内通知总是有。不选则按个人设置和单位渠道发送"),
        ),
        FieldShape(
            "rank", _("级次"), "select", choices=ranks, required=True,
            help=_("几级同时到期只发级次最高的一级；保存后不能改，每个时限每级只提醒一次"),
        ),
    ]  # fmt: skip
    return [field for field in fields if field.name != "rank" or page.present is None]


def _choices(words: Mapping[str, Any]) -> tuple[ChoiceShape, ...]:
    return tuple(ChoiceShape(str(code), str(label)) for code, label in words.items())


def _labels(choices: Any) -> tuple[ChoiceShape, ...]:
    return tuple(ChoiceShape(choice.value, str(choice.label)) for choice in choices)


def _in_one_line(rung: Rung | None) -> str:
    if rung is None:
        return ""
    parts = [ladder_words.offset_words(rung.offset), ladder_words.what_words(rung)]
    parts += [ladder_words.roles_words(rung)] if rung.roles else []
    return " · ".join(part for part in parts if part)
