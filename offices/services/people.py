"""People of an office: their accounts, and what they are there. A membership ends, an account closes; both stay."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts import phones
from accounts.models import User
from accounts.own import end_tokens
from accounts.roles import Permission, Role
from accounts.second_factor import turn_off
from accounts.sessions import end_sessions
from communities.actors import Actor
from communities.models import Membership, SubDistrict
from journal.models import Event
from journal.services import Entry, record
from offices.people_forms import MembershipForm, PersonForm
from offices.services.administrators import check_not_last, current_posts, one_by_one
from offices.services.errors import AlreadyThere, InvalidReference, NotAdministered, ReferenceChanged
from offices.services.references import hold, may_administer, save_once

PERSON: Final = "person"
"""The subject kind of what an administrator does to an account."""


def people_of(office: SubDistrict, by: Actor) -> QuerySet[User]:
    """Everybody who is or was something in this office; for who gives rights everywhere also the installation's."""
    return User.objects.filter(Exists(posts_of(office, by).filter(user=OuterRef("pk"))))


def posts_of(office: SubDistrict, by: Actor) -> QuerySet[Membership]:
    """What people are and were here; for who gives rights everywhere also what they are of the installation."""
    rows = Q(subdistrict=office)
    if may_administer(by, None, Permission.MANAGE_RIGHTS):
        rows |= Q(subdistrict__isnull=True)
    return Membership.objects.filter(rows)


def may_change_account(by: Actor, user: User, office: SubDistrict, permission: Permission) -> bool:
    """Whether the account itself is this person's affair: nothing of it belongs to another office."""
    if may_administer(by, None, permission):
        return True
    elsewhere = Membership.objects.filter(user=user, ended_at__isnull=True).exclude(subdistrict=office)
    return may_administer(by, office.pk, permission) and not elsewhere.exists()


def _may_take_in(by: Actor, user: User, office: SubDistrict) -> bool:
    """Whether this account may get a post here: it has one, or had one and is nothing in another office now.

    Nobody takes another office's account in by its name; who gives rights in every office may.
    """
    if may_administer(by, None, Permission.MANAGE_RIGHTS):
        return True
    here = Membership.objects.filter(user=user, subdistrict=office)
    elsewhere = Membership.objects.filter(user=user, ended_at__isnull=True).exclude(subdistrict=office)
    return here.filter(ended_at__isnull=True).exists() or (here.exists() and not elsewhere.exists())


def invitation_path(user: User) -> str:
    """Where this person sets a password: it works once, for three days, and not after another sign-in."""
    code = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("invitation", args=[code, default_token_generator.make_token(user)])


def people_without_password(ids: Collection[int]) -> QuerySet[User]:
    """Those of them who never had one: only they are shown a link that no event tells of."""
    new = User.objects.filter(pk__in=ids, is_active=True, last_login__isnull=True)
    return new.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("pk")


@transaction.atomic
def add_person(*, office: SubDistrict, data: Mapping[str, Any], by: Actor, at: datetime) -> User:
    """An account without a password, and what the person is here.

    Raises NotAdministered, InvalidReference (of either form).

    The link that sets the password is the security administrator's to give, and so are the roles of administrators.
    """
    by = one_by_one(by)
    hold(office, by)
    person, membership = PersonForm(data), MembershipForm(data, office=office, by=by)
    _check(person, membership)
    user: User = person.save(commit=False)
    user.set_unusable_password()
    save_once(user, person, "username", _("这个账号已经有人使用"))
    note(user, "person_added", office=office, by=by, at=at)
    _join(user, membership, office=office, by=by, at=at)
    return user


def version_of(user: User) -> int:
    """Name, e-mail and mobile as they were last written here."""
    return Event.objects.of(PERSON, user.pk).of_kinds(["person_added", "person_changed"]).version()


@transaction.atomic
def change_person(
    *, office: SubDistrict, user_id: int, data: Mapping[str, Any], version: int | None, by: Actor, at: datetime
) -> User:
    """Name, e-mail and mobile, by somebody who opened them at ``version``.

    Raises NotAdministered, ReferenceChanged, InvalidReference.
    """
    hold(office, by)
    user = administered(office, user_id, by, Permission.MANAGE_OFFICE)
    if version != version_of(user):
        raise ReferenceChanged(_("刚被别人修改，您填写的内容还在。请核对后再保存"))
    form = PersonForm(data, instance=user)
    _check(form)
    if form.changed_data:
        form.save()
        note(user, "person_changed", office=office, by=by, at=at, fields=sorted(form.changed_data))
    return user


@transaction.atomic
def add_membership(
    *, office: SubDistrict, user_id: int, data: Mapping[str, Any], by: Actor, at: datetime
) -> Membership:
    """One more thing that the person is here. Raises NotAdministered, InvalidReference, AlreadyThere."""
    by = one_by_one(by)
    hold(office, by, Permission.SEE_PEOPLE)
    user = User.objects.get(pk=user_id)
    form = MembershipForm(data, office=office, by=by, holder=user)
    _check(form)
    _check_new(user, form.instance)
    hold(office, by, Permission.MANAGE_RIGHTS)
    if not _may_take_in(by, user, office):
        raise NotAdministered(_("此人不是本街道的人员，跨街道任职由全系统的安全管理员授予"))
    return _join(user, form, office=office, by=by, at=at)


def end_membership(row: Membership, *, office: SubDistrict, by: Actor, at: datetime) -> Membership:
    """From now on the person is that no longer; what was held was handed over (offices.services.handing_over)."""
    if row.ended_at is None:
        check_not_last(row.user, [row])
        row.ended_at = at
        row.save(update_fields=["ended_at"])
        note(row.user, "membership_ended", office=office, by=by, at=at, **_facts(row))
    return row


def close(user: User, *, office: SubDistrict, by: Actor, at: datetime) -> User:
    """Close an account with its sessions and tokens; what was held was handed over (offices.services.handing_over)."""
    if user.is_active:
        check_not_last(user, current_posts(user))
        user.is_active = False
        user.save(update_fields=["is_active"])
        _end_all(user, at)
        note(user, "person_closed", office=office, by=by, at=at)
    return user


@transaction.atomic
def open_again(*, office: SubDistrict, user_id: int, by: Actor, at: datetime) -> User:
    """A closed account works again. Raises NotAdministered."""
    by = one_by_one(by)
    hold(office, by, Permission.MANAGE_RIGHTS)
    user = administered(office, user_id, by)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        note(user, "person_opened", office=office, by=by, at=at)
    return user


@transaction.atomic
def reset_password(*, office: SubDistrict, user_id: int, by: Actor, at: datetime) -> str:
    """The old password ends with every session; returns the path of a new invitation. Raises NotAdministered."""
    hold(office, by, Permission.MANAGE_RIGHTS)
    user = _administered_open(office, user_id, by)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    _end_all(user, at)
    note(user, "password_reset", office=office, by=by, at=at)
    return invitation_path(user)


@transaction.atomic
def set_first_password(*, office: SubDistrict, user_id: int, password: str, by: Actor, at: datetime) -> User:
    """A password that the administrator hands over; who signs in with it sets another.

    Raises NotAdministered, InvalidReference.
    """
    hold(office, by, Permission.MANAGE_RIGHTS)
    user = _administered_open(office, user_id, by)
    form = SetPasswordForm(user, {"new_password1": password, "new_password2": password})
    _check(form)
    user.set_password(password)
    user.password_due = True
    user.save(update_fields=["password", "password_due"])
    _end_all(user, at)
    note(user, "password_reset", office=office, by=by, at=at)
    return user


@transaction.atomic
def reset_second_factor(*, office: SubDistrict, user_id: int, by: Actor, at: datetime) -> bool:
    """For who lost the device and the recovery codes; set up again at the next sign-in. Raises NotAdministered."""
    hold(office, by, Permission.MANAGE_RIGHTS)
    user = administered(office, user_id, by)
    there = turn_off(user, at, by.user)
    if there:
        end_sessions(user.pk)
    return there


@transaction.atomic
def end_all_sessions(*, office: SubDistrict, user_id: int, by: Actor, at: datetime) -> int:
    """Sign the person out everywhere and end the tokens; returns how many there were. Raises NotAdministered."""
    hold(office, by, Permission.MANAGE_RIGHTS)
    user = administered(office, user_id, by)
    number = end_tokens(user, at=at) + end_sessions(user.pk)
    if number:
        note(user, "sessions_ended", office=office, by=by, at=at, number=number)
    return number


def _end_all(user: User, at: datetime) -> None:
    end_tokens(user, at=at)
    end_sessions(user.pk)
    phones.unbind(user, by_id=None, at=at)


def administered(
    office: SubDistrict, user_id: int, by: Actor, permission: Permission = Permission.MANAGE_RIGHTS
) -> User:
    """The account, locked; the own one only where that opens no way in. Raises NotAdministered."""
    user = people_of(office, by).select_for_update(no_key=True).get(pk=user_id)
    if user.pk == by.user_id and permission is Permission.MANAGE_RIGHTS:
        raise NotAdministered(_("自己的账号在“我的账号”里修改"))
    if not may_change_account(by, user, office, permission):
        raise NotAdministered(_("此人还在别的街道任职，账号由系统管理员修改"))
    return user


def _administered_open(office: SubDistrict, user_id: int, by: Actor) -> User:
    """As ``administered``, of an account that is not closed: there is no way into a closed one."""
    user = administered(office, user_id, by)
    if not user.is_active:
        raise NotAdministered(_("账号已停用，请先恢复"))
    return user


def _check(*given: forms.BaseForm) -> None:
    if any([not form.is_valid() for form in given]):  # noqa: C419 - every form says what is wrong
        raise InvalidReference(*given)


def _join(user: User, form: MembershipForm, *, office: SubDistrict, by: Actor, at: datetime) -> Membership:
    row: Membership = form.instance
    row.user, row.started_at = user, at
    row.save()
    note_joined(row, office=office, by=by, at=at)
    return row


def note_joined(row: Membership, *, office: SubDistrict, by: Actor, at: datetime) -> None:
    """The event of what somebody is from now on."""
    note(row.user, "membership_added", office=office, by=by, at=at, **_facts(row))


def _check_new(user: User, row: Membership) -> None:
    same = Q(role=row.role, subdistrict=row.subdistrict, community=row.community, department=row.department)
    if Membership.objects.filter(same, user=user, ended_at__isnull=True).exists():
        raise AlreadyThere(_("已经是这个角色"))


def _facts(row: Membership) -> dict[str, Any]:
    return {
        "role": str(row.role),
        "community": row.community_id,
        "department": row.department_id,
        "desk": row.receiving_desk,
    }


def note(
    user: User,
    kind: str,
    *,
    office: SubDistrict,
    by: Actor,
    at: datetime,
    texts: Mapping[str, str] | None = None,
    **facts: Any,
) -> None:
    """One event of the account."""
    record(
        Entry(
            subject_kind=PERSON,
            subject_id=user.pk,
            kind=kind,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"office": office.pk, **facts},
            texts=texts or {},
        )
    )


@transaction.atomic
def create_admin(*, data: Mapping[str, Any], password: str, roles: Sequence[Role], at: datetime) -> User:
    """An administrator of the whole installation, by a command of whoever runs it. Raises ValidationError."""
    if settings.SEPARATE_ADMINS and len(roles) > 1:
        raise ValidationError(_("三员分设：一个账号只能担任一种管理员，请用 --role 指定"))
    form = PersonForm(data)
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    user: User = form.save(commit=False)
    validate_password(password, user)
    user.set_password(password)
    user.save()
    record(Entry(subject_kind=PERSON, subject_id=user.pk, kind="person_added", at=at))
    for role in roles:
        row = Membership.objects.create(user=user, role=role, started_at=at)
        record(Entry(subject_kind=PERSON, subject_id=user.pk, kind="membership_added", at=at, data=_facts(row)))
    return user
