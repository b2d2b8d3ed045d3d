"""What is typed into the records on personal information."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from common.clock import now
from common.texts import kept_text
from privacy.models import Activity, Incident
from privacy.register import FIELDS

_LONGEST: Final = 2000


class _Cleaned(forms.ModelForm):  # type: ignore[type-arg]
    """Text without control characters, no longer than it may be."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.CharField) and field.max_length is None:
                field.max_length = _LONGEST

    def clean(self) -> dict[str, Any]:
        """Each text by the one rule of the house."""
        values: dict[str, Any] = super().clean() or {}
        for name, value in list(values.items()):
            if isinstance(value, str):
                self._clean_one(values, name, value)
        return values

    def _clean_one(self, values: dict[str, Any], name: str, value: str) -> None:
        field: Any = self.fields[name]
        try:
            values[name] = kept_text(value, longest=field.max_length)
        except ValueError as error:
            self.add_error(name, str(error))
            return
        if field.required and not values[name]:
            self.add_error(name, field.error_messages["required"])


class ActivityForm(_Cleaned):
    """One row of the register of processing."""

    class Meta:
        model = Activity
        fields = tuple(FIELDS)
        labels = FIELDS


class _Moment(forms.DateTimeField):
    """A day and a time of day, in the past."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and (value > now() or value.year < 2000):
            raise forms.ValidationError(_("请填写已经过去的时间"))


class IncidentForm(_Cleaned):
    """What is known of an incident (PIPL Art. 57 says what a notice holds)."""

    noticed_at = _Moment(label=_("发现时间"))
    authority_told_at = _Moment(label=_("报告主管部门的时间"), required=False)
    people_told_at = _Moment(label=_("通知本人的时间"), required=False)

    class Meta:
        model = Incident
        fields = (
            *("title", "noticed_at", "what", "categories", "affected", "harm", "measures"),
            *("authority_told_at", "people_told_at", "not_told_because"),
        )
        labels = {
            "title": _("名称"),
            "what": _("发生了什么，原因是什么"),
            "categories": _("涉及哪些个人信息"),
            "affected": _("涉及多少人"),
            "harm": _("可能造成的危害"),
            "measures": _("已采取的补救措施，本人可以怎样减轻危害"),
            "not_told_because": _("不通知本人的理由"),
        }
        help_texts = dict.fromkeys(fields, "") | {
            "affected": _("还不知道就不填"),
            "not_told_because": _("措施已能避免危害时，可以不通知本人；主管部门要求的，仍须通知"),
        }

    def clean(self) -> dict[str, Any]:
        """Nobody was told before it was noticed."""
        values = super().clean()
        noticed = values.get("noticed_at")
        for name in ("authority_told_at", "people_told_at"):
            if noticed and values.get(name) and values[name] < noticed:
                self.add_error(name, _("不能早于发现时间"))
        return values
