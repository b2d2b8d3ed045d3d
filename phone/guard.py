"""How a public form keeps robots out without a picture, and asks a person kindly (docs/rules/residents.md#robots)."""

from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import limits
from common.clock import now
from common.http import network
from common.limits import Bucket
from communities.models import Community, SubDistrict
from door import blocks
from door.challenges import BITS, PARTS, Challenge, Doubt, Judgement, judge, new_challenge, read_challenge, renewed
from phone.again import STALE_TEXT, HeldForm
from phone.shared import duty_phone

_KEPT: Final = _("还没有提交，您写的内容还在")
_HELD: Final = {
    Doubt.UNKNOWN: HeldForm(400, _KEPT, STALE_TEXT),
    Doubt.FAST: HeldForm(400, _KEPT, _("这次提交得太快，分不清是人还是机器。请再点一次“提交”。")),
    Doubt.TRAPPED: HeldForm(
        400, _KEPT, _("有一格看不见的内容被填上了（常常是浏览器自动填的），已经清空。请再点一次“提交”。")
    ),
    Doubt.UNSURE: HeldForm(
        200,
        _("还没有提交，请再看一遍"),
        _("没有错，就点“确认提交”。多这一步，是为了挡住自动乱发的机器。"),
        button=_("确认提交"),
        asks=True,
    ),
}
SPENT: Final = _HELD[Doubt.UNKNOWN]
"""The challenge of the form made something already, under another key."""


def stopped(request: HttpRequest, subdistrict: SubDistrict, community: Community | None, phone: str) -> HeldForm | None:
    """Where the office takes nothing from this network or telephone for now (door.blocks): whom to call instead."""
    if not blocks.is_blocked(subdistrict_id=subdistrict.pk, network=network(request), phone=phone, at=now()):
        return None
    call = (community.phone if community else "") or duty_phone(community) or subdistrict.duty_phone
    return HeldForm(
        status=403,
        head=_("暂时不能网上提交，您写的内容还在"),
        text=_("从这个网络或手机号来的提交太多太乱，街道暂停接收。请打电话，或到社区窗口。"),
        call=call,
    )


NOTHING: Final = Judgement(None)


@dataclass(frozen=True)
class Guard:
    """What is known of who sends a form; of a blank one nothing, and its challenge is new."""

    form: str
    judged: Judgement = NOTHING

    @classmethod
    def of(cls, request: HttpRequest, form: str) -> "Guard":
        """Of a form that was sent."""
        sent = request.POST
        judged = judge(
            form=form,
            token=sent.get("door", ""),
            proof=sent.get("proof", ""),
            trapped=bool(sent.get("website")),
            at=now(),
        )
        if not settings.PUBLIC_FORMS_GUARDED and judged.doubt is not Doubt.TRAPPED:
            judged = Judgement(judged.challenge, proven=True)
        return cls(form, judged)

    @classmethod
    def restored(cls, form: str, token: str) -> "Guard":
        """Of a form that comes back from where it was kept: the person has it since then."""
        return cls(form, Judgement(read_challenge(form, token)))

    @property
    def held(self) -> HeldForm | None:
        """Why it is not taken at once."""
        return _HELD[self.judged.doubt] if self.judged.doubt else None

    def counted(self, request: HttpRequest, unproven: Bucket) -> list[tuple[Bucket, str]]:
        """What it counts in beside the limits of everybody: fewer, where no script did its part."""
        return [] if self.judged.proven else [(unproven, network(request))]

    def spend(self) -> bool:
        """Use the challenge, which is good for one thing; False where it was used already."""
        challenge = self.judged.challenge
        return challenge is None or bool(limits.CHALLENGES_SPENT.hit(challenge.word))

    def give_back(self) -> None:
        """Nothing came of it."""
        if self.judged.challenge is not None:
            limits.CHALLENGES_SPENT.release(self.judged.challenge.word)

    def words(self) -> dict[str, Any]:
        """What phone/_door.html and the form need for the next sending."""
        challenge = self._next()
        return {"door": challenge.token(), "trap": not challenge.seen, "puzzle": {"parts": PARTS, "bits": BITS}}

    def _next(self) -> Challenge:
        if self.judged.challenge is None:
            return new_challenge(self.form, now())
        return renewed(self.form, self.judged.challenge, now())
