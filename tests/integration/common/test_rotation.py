"""Everything encrypted, and every hash for look-up, goes to the newest key; then the older one can go."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import SecondFactor, User
from api.models import IdempotencyRecord
from common import rotation
from common.clock import now
from common.crypto import UnreadablePersonalData, _derived, decrypt, encrypt, encrypt_bytes, lookup_hash, lookup_hashes
from common.fields import EncryptedBytesField, EncryptedTextField
from communities.access import access_of
from communities.models import Appointment, Contact, Leader
from door.blocks import block, is_blocked
from door.models import KeptForm
from issues.models import Issue
from issues.reading.finding import search_in
from issues.reading.persons import distinct_persons
from issues.resident.story import for_reporters
from issues.services.proof import mark_of
from journal.models import EventText
from journal.verification import verify
from leaders.models import LeaderAnswer, LeaderTask
from ledger.models import LedgerEntry
from offices.services.comparing import compare_all
from privacy.models import Incident, LegalHold, RightsRequest
from reminders.enums import Channel
from reminders.models import DeliveryChannel
from tests.support.cast import NOW, PHONE, World
from tests.support.outbox import channel

STOPPED = "19900006666"
OLD, NEW = "an-older-key-for-personal-data-000", "a-newer-key-for-personal-data-0000"
WORDS = "三巷积水，电话等我"
FIELDS = [
    field
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, EncryptedTextField | EncryptedBytesField)
]


Keys = Callable[..., None]


@pytest.fixture(autouse=True)
def keys(world: World, settings: Any) -> Keys:
    """What PERSONAL_DATA_KEYS holds from now on, before the one by which the cast stands, which is built before."""
    standing = list(settings.PERSONAL_DATA_KEYS)

    def hold(*these: str, cast: bool = True) -> None:
        settings.PERSONAL_DATA_KEYS = [*these, *(standing if cast else [])]

    hold(OLD)
    return hold


@pytest.fixture
def begun(keys: Keys, world: World) -> Issue:
    """A row in every encrypted column, written with the old key."""
    at = now()
    user = world.people["clerk"]
    user.mobile = "19900008888"
    user.save(update_fields=["mobile"])
    SecondFactor.objects.create(user=user, secret="JBSWY3DPEHPK3PXP")
    channel(world, Channel.WEBHOOK, "https://hook.example.org/a", secret="s" * 20)
    IdempotencyRecord.objects.create(scope="public", key="k", digest="d", status=200, body="{}", created_at=at)
    leader = world.leader
    assert leader is not None
    leader.set_phone("19900007777")
    leader.save()
    compare_all(NOW)
    issue = world.create(contact_name="王小明", description=WORDS)
    Contact.objects.filter(pk=issue.contact_id or 0).update(
        address="二座502室", numbers="identity 11010519491231002X", numbers_reason="核对身份"
    )
    RightsRequest.objects.create(
        subdistrict=world.area, kind="see", via="web", identity="whole_number", contact_id=issue.contact_id or 0,
        words="看看记了什么", answer="记录如下", status="done", received_at=at, due_at=at, ended_at=at,
        ended_by=user,
    )  # fmt: skip
    Incident.objects.create(
        subdistrict=world.area, title="误发", noticed_at=at, recorded_at=at, recorded_by=user, what="误把名单发到群里",
        categories="电话", harm="骚扰",
    )  # fmt: skip
    Appointment.objects.create(
        subdistrict=world.area, kind="expert", name="何工", from_on=at.date(), made_at=at, made_by=user
    )
    LegalHold.objects.create(
        subdistrict=world.area, issue=issue, reason="诉讼", review_on=at.date(), recorded_at=at, recorded_by=user
    )
    LedgerEntry.objects.create(
        subdistrict=world.area, community=leader.community, leader=leader, kind="visit", on=at.date(), key="key-00001",
        person="何婆婆", room="602", note="了解加装电梯意见", made_at=at, made_by=user,
    )  # fmt: skip
    task = LeaderTask.objects.create(
        subdistrict=world.area, kind="visit", title="看看三栋", text="请带上告示", due_at=at, asked=1, made_at=at,
        made_by=user,
    )  # fmt: skip
    LeaderAnswer.objects.create(task=task, leader=leader, community=leader.community, note="下午再去")
    KeptForm.objects.create(
        holder="h", form="report", key="k", content='{"description": "三巷积水"}', kept_at=at, expires_at=at
    )
    until = at.date() + timedelta(days=3)
    block(office=world.area, kind="phone", what=STOPPED, reason="反复乱填", until=until, by=world.actor("admin"), at=at)
    return issue


def raw(field: EncryptedTextField | EncryptedBytesField) -> list[bytes]:
    """What stands in the column, but nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{field.column}" FROM "{field.model._meta.db_table}"'  # noqa: S608  names of columns
        )
        found = [row[0] for row in cursor.fetchall()]
    return [value.encode() if isinstance(value, str) else bytes(value) for value in found if value]


def everything() -> list[Any]:
    """What people read in the columns."""
    return [sorted(field.model._base_manager.values_list(field.attname, flat=True), key=str) for field in FIELDS]


def found_by(phone: str) -> list[int]:
    access = access_of(User.objects.get(username="clerk"))
    return list(search_in(Issue.objects.all(), phone, NOW, access).values_list("pk", flat=True))


@pytest.fixture
def both(begun: Issue, keys: Keys) -> Issue:
    """After the restart with the new key in front."""
    keys(NEW, OLD)
    return begun


def test_every_encrypted_column_is_tried(begun: Issue) -> None:
    assert [str(field) for field in FIELDS if not raw(field)] == []


def test_nothing_is_lost_from_the_first_restart_to_the_end_of_the_old_key(
    begun: Issue, world: World, keys: Keys
) -> None:
    before, mark = everything(), mark_of(for_reporters(Issue.objects.all()).get(pk=begun.pk))
    old = {field: raw(field) for field in FIELDS}

    keys(NEW, OLD)
    assert everything() == before
    second = world.create(contact_name="王小明")
    assert set(found_by(PHONE)) == {second.pk, begun.pk}
    rows = [Issue.objects.select_related("contact").get(pk=pk) for pk in (begun.pk, second.pk)]
    assert {row.contact.phone_hash for row in rows if row.contact} == set(lookup_hashes(PHONE)[:2])
    assert distinct_persons(rows) == 1
    assert compare_all(NOW + timedelta(days=1)).altered == 0
    before = everything()

    assert rotation.left() > 0
    call_command("rotate_personal_data")
    assert rotation.left() == 0
    for field in FIELDS:
        assert not set(raw(field)) & set(old[field]), field

    keys(NEW, cast=False)
    assert everything() == before
    assert set(found_by(PHONE)) == {second.pk, begun.pk}
    assert {row.phone_hash for row in Contact.objects.exclude(phone_hash="")} == {lookup_hash(PHONE)}
    assert Leader.objects.filter(phone_hash=lookup_hash("19900007777")).exists()
    assert is_blocked(subdistrict_id=world.area.pk, network="203.0.113.7", phone=STOPPED, at=now())
    assert compare_all(NOW + timedelta(days=2)).altered == 0
    assert verify().broken is None
    assert mark_of(for_reporters(Issue.objects.all()).get(pk=begun.pk)) == mark


def test_values_from_before_are_read_and_rotated(begun: Issue) -> None:
    """Fernet tokens in columns of text, plain words in the journal."""
    token = Fernet(base64.urlsafe_b64encode(_derived("personal-data", OLD))).encrypt("李四".encode()).decode()
    words = EventText.objects.filter(event__subject_kind="issue", event__subject_id=begun.pk).order_by("pk")
    plain = {row.pk: row.text for row in words}
    assert plain
    with connection.cursor() as cursor:
        cursor.execute("UPDATE communities_contact SET name = %s WHERE id = %s", [token, begun.contact_id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_text DISABLE TRIGGER USER")
        for pk, text in plain.items():
            cursor.execute("UPDATE journal_text SET body = NULL, text = %s WHERE id = %s", [text, pk])
        cursor.execute("ALTER TABLE journal_text ENABLE TRIGGER USER")
    assert Contact.objects.get(pk=begun.contact_id or 0).name == "李四"
    assert {row.pk: row.text for row in words.all()} == plain
    assert verify().broken is None
    call_command("rotate_personal_data")
    assert rotation.left() == 0
    assert Contact.objects.get(pk=begun.contact_id or 0).name == "李四"
    assert {row.pk: row.text for row in words.all()} == plain
    assert set(words.values_list("before", flat=True)) == {""}
    assert verify().broken is None


def test_a_run_that_was_ended_goes_on_where_it_was(both: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    run = rotation.rotate_all()
    for _batch in range(3):
        next(run)
    run.close()
    half = {field: set(raw(field)) for field in FIELDS}
    done = {field: {value for value in half[field] if value[:5] in (encrypt_bytes("x")[:5], encrypt("x").encode()[:5])}
            for field in FIELDS}  # fmt: skip
    assert any(done.values())
    call_command("rotate_personal_data")
    assert rotation.left() == 0
    for field in FIELDS:
        assert done[field] <= set(raw(field)), field


def test_what_somebody_writes_meanwhile_is_theirs(both: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = rotation._Table._renewed

    def and_somebody_writes(self: Any, row: Any) -> list[Any]:
        if self.name == "communities_contact" and row[0] == both.contact_id:
            Contact.objects.filter(pk=row[0]).update(name="新名字")
        return renewed(self, row)

    with monkeypatch.context() as patched:
        patched.setattr(rotation._Table, "_renewed", and_somebody_writes)
        with pytest.raises(CommandError, match=r"^1 values have an older key still"):
            call_command("rotate_personal_data")
    call_command("rotate_personal_data")
    assert rotation.left() == 0
    assert Contact.objects.get(pk=both.contact_id or 0).name == "新名字"


def test_a_value_of_a_key_that_is_gone_is_named_and_nothing_is_lost(begun: Issue, keys: Keys) -> None:
    keys(NEW, cast=False)
    before = {field: raw(field) for field in FIELDS}
    with pytest.raises(CommandError, match=r"\w+ \d+: .*a key is missing"):
        call_command("rotate_personal_data")
    assert {field: raw(field) for field in FIELDS} == before
    with pytest.raises(UnreadablePersonalData):
        decrypt(before[FIELDS[-1]][0].decode())


def test_the_same_words_are_never_encrypted_alike() -> None:
    assert len({encrypt(WORDS) for _time in range(50)}) == 50
    assert decrypt(encrypt(WORDS)) == WORDS


@pytest.mark.parametrize("stored", ["", "AQ", "AAAA", "gAAAA", "中文", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="])
def test_what_is_no_encryption_is_refused_and_never_shown(stored: str) -> None:
    if stored:
        with pytest.raises(UnreadablePersonalData):
            decrypt(stored)
    else:
        assert decrypt(stored) == ""


def test_channels_are_read_by_the_new_key(both: Issue, keys: Keys) -> None:
    call_command("rotate_personal_data")
    keys(NEW, cast=False)
    assert DeliveryChannel.objects.get(kind="webhook").secret == "s" * 20
