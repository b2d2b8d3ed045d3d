"""What residents type. The services judge the content; these forms keep it and name the fields.

``photos`` only carries what ``uploads`` says of the files of the form.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.phones import DIGITS, is_pin, is_weak
from common.phones import normalise_phone
from common.plain import plain
from common.texts import clean_text
from issues.enums import MessageWish, Solved, Verdict
from privacy.enums import RightsKind

PHONE_NEEDED = _("请填写手机号，用来联系您和查询进度")


class TypedText(forms.CharField):
    """Whatever is typed; refused in the words of the house."""

    default_error_messages = {
        "max_length": _("最多 %(limit_value)d 个字"),
        "null_characters_not_allowed": _("有不能识别的字符，请重新填写"),
    }


class PlainText(TypedText):
    """Text without control characters."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            cleaned = clean_text(text, longest=self.max_length or 2000)
        except ValueError as error:
            raise forms.ValidationError(error.args[0]) from error
        if self.required and not cleaned:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return cleaned


class ReportForm(forms.Form):
    """我要反映."""

    description = PlainText(max_length=2000, error_messages={"required": _("请说一说是什么问题")})
    community = TypedText(max_length=60, required=False)
    building = TypedText(max_length=18, required=False)
    address = PlainText(max_length=200, required=False)
    contact_phone = TypedText(max_length=40, error_messages={"required": PHONE_NEEDED})
    contact_name = PlainText(max_length=40, required=False)
    confidential = forms.BooleanField(required=False)
    idempotency_key = TypedText(max_length=80, required=False)
    again = TypedText(max_length=32, required=False)
    join = TypedText(max_length=20, required=False)
    website = TypedText(required=False)
    photos = TypedText(required=False)

    def clean_contact_phone(self) -> str:
        """Digits that can be called."""
        phone = normalise_phone(self.cleaned_data["contact_phone"])
        if not phone:
            raise forms.ValidationError(PHONE_NEEDED, code="required")
        return phone


class QuestionForm(forms.Form):
    """提问箱: one question, and nothing of who asks."""

    question = PlainText(max_length=300, error_messages={"required": _("请写下您的问题")})
    idempotency_key = TypedText(max_length=80, required=False)
    website = TypedText(required=False)
    sure = TypedText(max_length=1, required=False)


class GuestForm(forms.Form):
    """来宾登记: whom somebody comes for, and nothing else."""

    guest = PlainText(max_length=60, error_messages={"required": _("请填写单位或身份")})
    website = TypedText(required=False)


class EnterForm(forms.Form):
    """The six digits of a leader's phone."""

    pin = TypedText(max_length=DIGITS, error_messages={"required": _("请输入 6 位数字")})

    def clean_pin(self) -> str:
        """Six digits, in whatever width they were typed."""
        pin = plain(self.cleaned_data["pin"])
        if not is_pin(pin):
            raise forms.ValidationError(_("请输入 6 位数字"))
        return pin


class PinForm(EnterForm):
    """The six digits that a leader chooses, twice."""

    again = TypedText(max_length=DIGITS, required=False)

    def clean_pin(self) -> str:
        """None that anybody guesses first."""
        pin = super().clean_pin()
        if is_weak(pin):
            raise forms.ValidationError(_("太容易被猜到，请不要用相同或连续的数字"))
        return pin

    def clean(self) -> dict[str, Any]:
        """Both the same."""
        cleaned = super().clean() or {}
        if "pin" in cleaned and plain(cleaned.get("again", "")) != cleaned["pin"]:
            self.add_error("again", _("两次输入的数字不一样"))
        return cleaned


class TrackForm(forms.Form):
    """查询进度."""

    number = TypedText(max_length=60, error_messages={"required": _("请填写编号")})
    phone_tail = TypedText(max_length=40, error_messages={"required": _("请填写手机后四位，或完整手机号")})
    remember = forms.BooleanField(required=False)
    to = TypedText(max_length=10, required=False)


class ProofForm(forms.Form):
    """The end of the phone number, or all of it."""

    phone_tail = TypedText(max_length=40, required=False)


class ActionForm(forms.Form):
    """What accompanies every action of the reporter."""

    idempotency_key = TypedText(max_length=80, required=False)
    phone_tail = TypedText(max_length=40, required=False)
    note = PlainText(max_length=2000, required=False)
    reason = PlainText(max_length=1000, required=False)
    dissatisfied_reason = PlainText(max_length=1000, required=False)
    solved = forms.ChoiceField(choices=Solved.choices, required=False)
    verdict = forms.ChoiceField(choices=Verdict.choices, required=False)
    messages = forms.ChoiceField(choices=MessageWish.choices, required=False)
    photos = TypedText(required=False)


class RightsForm(forms.Form):
    """What a person asks of the own data."""

    kind = forms.ChoiceField(choices=RightsKind.choices, error_messages={"required": _("请选一项")})
    words = PlainText(max_length=1000, required=False)
    phone_tail = TypedText(max_length=40, required=False)


class LeaderReportForm(forms.Form):
    """A leader's report from the stairwell."""

    description = PlainText(max_length=2000, error_messages={"required": _("请用一句话说清楚")})
    building = TypedText(max_length=18, required=False)
    address = PlainText(max_length=200, required=False)
    entry = TypedText(max_length=18, required=False)
    idempotency_key = TypedText(max_length=80, required=False)
    photos = TypedText(required=False)


class LedgerForm(forms.Form):
    """记一笔台账: a tile, and what else the leader cares to say."""

    kind = TypedText(max_length=7, error_messages={"required": _("请选一项")})
    on = forms.DateField(error_messages={"required": _("请填写日期"), "invalid": _("请填写日期")})
    building = TypedText(max_length=18, required=False)
    room = PlainText(max_length=20, required=False)
    person = PlainText(max_length=20, required=False)
    note = PlainText(max_length=300, required=False)
    idempotency_key = TypedText(max_length=80, required=False)
