"""A form that comes again: what it says when it is not taken, and how Back finds it as it was."""

from dataclasses import dataclass
from typing import Final

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.http import REOPENABLE
from issues.models import Issue
from issues.services.submissions import new_key
from phone.shared import wait_words


@dataclass(frozen=True)
class HeldForm:
    """Why a form that was filled in rightly was not taken; its words and photos stand in it.

    ``number`` and ``url`` name what was sent before, ``fresh``: the next sending is another intention, under a new key.
    ``asks``: nothing is wrong, and the button stands beside the words. ``call``: a number that helps instead.
    """

    status: int
    head: str | Promise
    text: str | Promise
    number: str = ""
    url: str = ""
    button: str | Promise = ""
    fresh: bool = False
    retry_after: int = 0
    asks: bool = False
    call: str = ""


STALE_TEXT: Final = gettext_lazy("表单放得太久了，请再点一次“提交”。")
STALE: Final = HeldForm(400, gettext_lazy("还没有提交，您写的内容还在"), STALE_TEXT, fresh=True)
"""The key of the form is no key, or another person's."""


def sent_before(issue: Issue) -> HeldForm:
    """This form already made ``issue``, of other words."""
    return HeldForm(
        status=409,
        head=_("现在写的还没有提交"),
        text=_(
            "这张表刚才已经提交过一次，内容与现在的不同。要补充刚才那件，请点编号；是另一件事，请点“作为另一件提交”。"
        ),
        number=issue.number,
        url=reverse("matter", args=[issue.token]),
        button=_("作为另一件提交"),
        fresh=True,
    )


def acted_before() -> HeldForm:
    """This form already did what it is for, with other words."""
    return HeldForm(
        status=409,
        head=_("现在写的还没有提交"),
        text=_("这张表刚才已经提交过一次，内容与现在的不同。要把现在写的也交上去，请再点一次“提交”。"),
        fresh=True,
    )


def too_often(retry_after: int) -> HeldForm:
    """The limit of reports is used up for now."""
    return HeldForm(
        status=429,
        head=_("还没有提交，您写的内容还在"),
        text=_("短时间内提交得太多了，%(wait)s急事请打电话给社区。") % {"wait": wait_words(retry_after)},
        button=_("再试一次"),
        retry_after=retry_after,
    )


def key_of(form: Form | None, held: HeldForm | None) -> str:
    """The key that the form carries on: the one it came with, or a new one for what is another intention."""
    key = "" if form is None or (held is not None and held.fresh) else form["idempotency_key"].value()
    return str(key or new_key())


def reopenable(response: HttpResponse) -> HttpResponse:
    """A blank form that Back may show again as it was left, with its words and its key.

    The page holds nothing of anybody. Without this the browser would fetch a new form with a new key, fill in the old
    words by itself, and the same matter could be sent a second time.
    """
    response["Cache-Control"] = "private, no-cache, max-age=0"
    response[REOPENABLE] = "1"
    return response
