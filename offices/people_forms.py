"""Forms of a person and of what a person is in an office."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import ADMINISTRATORS, ROLES, Permission, Role, Scope
from accounts.signing_in import folded_username
from common.phones import normalise_phone
from communities.actors import Actor
from communities.models import Community, Department, DepartmentKind, Membership, SubDistrict
from offices.forms import Labelled, OneLine, YesNo
from offices.services.administrators import why_apart
from offices.services.references import may_administer

_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}", re.ASCII)


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """账号、姓名、邮箱、手机. The account's name stays as it was made."""

    username = OneLine(label=_("账号"), max_length=60, help_text=_("小写字母、数字、点、横线，例如 chen.jm"))
    display_name = OneLine(label=_("姓名"), max_length=60)
    email = forms.EmailField(label=_("邮箱"), required=False)
    mobile = OneLine(label=_("手机"), max_length=40, required=False, help_text=_("用于短信提醒，加密保存"))

    class Meta:
        model = User
        fields = ("username", "display_name", "email", "mobile")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["username"]

    def clean_username(self) -> str:
        name = folded_username(self.cleaned_data["username"])
        if not _USERNAME.fullmatch(name):
            raise ValidationError(_("至少两个字符，只能用小写字母、数字、点和横线"))
        if User.objects.named(name).exists():
            raise ValidationError(_("这个账号已经有人使用"))
        return name

    def clean_mobile(self) -> str:
        return normalise_phone(self.cleaned_data["mobile"])


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person is: a role, and of which community or organisation."""

    role = Labelled(label=_("角色"), choices=[(role.value, spec.label) for role, spec in ROLES.items()])
    community = forms.ModelChoiceField(
        Community.objects.order_by("id"),
        label=_("社区"),
        to_field_name="name_zh",
        required=False,
        help_text=_("社区书记、社区工作人员填写"),
    )
    department = forms.ModelChoiceField(
        Department.objects.order_by("id"),
        label=_("单位"),
        to_field_name="code",
        required=False,
        help_text=_("承办人、部门负责人填写"),
    )
    receiving_desk = YesNo(label=_("收件岗"), required=False, help_text=_("新派来的工单先到收件岗"))

    class Meta:
        model = Membership
        fields = ("role", "community", "department", "receiving_desk")

    def __init__(self, *args: Any, office: SubDistrict, by: Actor, holder: User | None = None, **kwargs: Any) -> None:
        """``holder``: who is to get the post, ``by``: who gives it."""
        super().__init__(*args, **kwargs)
        self.office, self.by, self.holder = office, by, holder
        if not may_administer(by, office.pk, Permission.MANAGE_RIGHTS):
            roles: Any = self.fields["role"]
            roles.choices = [(code, label) for code, label in roles.choices if code not in ADMINISTRATORS]
        self.instance.subdistrict = office
        present = {"subdistrict": office, "retired_at__isnull": True}
        self.fields["community"].queryset = Community.objects.filter(**present).order_by("id")  # type: ignore[attr-defined]
        self.fields["department"].queryset = (  # type: ignore[attr-defined]
            Department.objects.filter(**present)
            .exclude(kind__in=(DepartmentKind.COMMUNITY_TEAM, DepartmentKind.EXTERNAL))
            .order_by("id")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role = cleaned.get("role", "")
        if role not in ROLES:
            return cleaned
        apart = why_apart(self.holder, role, by=self.by)
        if apart:
            self.add_error("role", apart)
        scope = ROLES[Role(role)].scope
        for name, wanted in (("community", Scope.COMMUNITY), ("department", Scope.DEPARTMENT)):
            given = cleaned.get(name) is not None
            if given is not (scope is wanted) and name not in self.errors:
                self.add_error(name, _("这个角色不填写这一项") if given else _("请选择"))
        if cleaned.get("receiving_desk") and scope is not Scope.DEPARTMENT:
            self.add_error("receiving_desk", _("这个角色不填写这一项"))
        return cleaned
