"""Photos in residents' forms: kept while the rest is wrong, claimed once, shown to whom they belong; no script."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from common import limits
from files.models import StoredFile
from files.processing import prepare_waiting
from issues.enums import SUBJECT
from issues.models import Issue
from phone import uploads
from tests.integration.phone.pages import WRONG, jpeg, page, send
from tests.support.cast import NOW, PHONE, World

pytestmark = pytest.mark.usefixtures("frozen")
HOUR = timedelta(hours=1)


def kept(html: str) -> list[str]:
    """The public ids that the form carries on."""
    return re.findall(r'name="uploads"\s+value="([^"]*)"', html)


def test_giving_what_was_asked_with_a_wrong_tail_first(world: World, client: Client) -> None:
    issue = world.make_issue("need_info", at=NOW - HOUR)
    html = page(Client(), issue)
    assert "请说明具体位置" in html
    assert f"/t/{issue.token}/give_info/" in html
    wrong = send(client, issue, "give_info", note="在3栋北门", photos=jpeg(), phone_tail=WRONG)
    assert wrong.status_code == 400
    form = wrong.content.decode()
    assert "还可以试 4 次" in form
    assert "在3栋北门" in form
    assert "现场.jpg" in form
    (waiting,) = kept(form)
    assert StoredFile.objects.get(public_id=waiting).owner_kind == ""
    assert Issue.objects.get(pk=issue.pk).status == "need_info"
    done = send(client, issue, "give_info", note="在3栋北门", uploads=waiting, phone_tail=PHONE)
    assert done.status_code == 302
    assert Issue.objects.get(pk=issue.pk).status == "submitted"
    file = StoredFile.objects.get(public_id=waiting)
    assert (file.owner_kind, file.owner_id, file.uploaded_by_id) == (SUBJECT, issue.pk, None)
    assert "照片正在处理" in page(client, issue)
    prepare_waiting(clock=lambda: NOW)
    html = page(client, issue)
    assert f"/t/{issue.token}/files/{waiting}/small/" in html
    assert client.get(f"/t/{issue.token}/files/{waiting}/large/").status_code == 200


def test_a_kept_photo_can_be_left_out(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress")
    wrong = send(client, issue, "comment", note="补一张", photos=jpeg(), phone_tail=WRONG)
    assert len(kept(wrong.content.decode())) == 1
    assert send(client, issue, "comment", note="补一张", phone_tail=PHONE).status_code == 302
    assert not StoredFile.objects.exclude(owner_kind="").exists()


def test_an_objection_with_a_photo_brings_it_back(world: World, client: Client) -> None:
    issue = world.make_issue("replied", category="0402")
    answer = send(
        client,
        issue,
        "verdict",
        solved="no",
        reason="还是积水",
        photos=[jpeg("一.jpg"), jpeg("二.jpg")],
        phone_tail=PHONE,
    )
    assert answer.status_code == 302
    assert Issue.objects.get(pk=issue.pk).redo_count == 1
    prepare_waiting(clock=lambda: NOW)
    html = page(client, issue)
    assert "“还是积水”" in html
    assert html.count(f"/t/{issue.token}/files/") >= 4


def test_what_is_no_picture_is_refused_and_the_rest_kept(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress")
    bad = SimpleUploadedFile("病毒.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    answer = send(client, issue, "comment", note="看照片", photos=[jpeg(), bad], phone_tail=PHONE)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "病毒.jpg" in html
    assert "看照片" in html
    assert len(kept(html)) == 1
    assert Issue.objects.get(pk=issue.pk).version == issue.version


def test_more_than_nine_are_not_taken(world: World, client: Client) -> None:
    issue = world.make_issue("in_progress")
    answer = send(client, issue, "comment", note="很多", photos=[jpeg(f"{n}.jpg") for n in range(10)], phone_tail=PHONE)
    assert answer.status_code == 400
    assert "最多 9 个文件" in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_a_network_leaves_only_so_many_files(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PER_NETWORK", limits.Bucket("few", 2, 3600))
    issue = world.make_issue("in_progress")
    for expected in (1, 2, 2):
        answer = send(client, issue, "comment", note="照片", photos=jpeg(), phone_tail=WRONG)
        assert answer.status_code == 400
        assert StoredFile.objects.count() == expected
    assert "上传得太多了" in answer.content.decode()


def test_nobody_claims_the_files_of_another(world: World, client: Client) -> None:
    mine, other = world.make_issue("in_progress"), world.make_issue("in_progress")
    assert send(client, mine, "comment", note="一", photos=jpeg(), phone_tail=PHONE).status_code == 302
    taken = StoredFile.objects.get()
    answer = send(client, other, "comment", note="二", uploads=taken.public_id, phone_tail=PHONE)
    assert answer.status_code == 400
    assert "有照片没有保存下来" in answer.content.decode()
    assert StoredFile.objects.get().owner_id == mine.pk
    assert taken.public_id not in page(client, other)


def test_reporting_with_photos_keeps_them_over_a_mistake(world: World, client: Client) -> None:
    data = {"description": "路灯不亮", "community": world.communities["dade"].pk, "idempotency_key": "form-12345678"}
    wrong = client.post("/report/", {**data, "photos": jpeg()})
    assert wrong.status_code == 400
    (waiting,) = kept(wrong.content.decode())
    done = client.post("/report/", {**data, "uploads": waiting, "contact_phone": "19900001234"})
    assert done.status_code == 302
    issue = Issue.objects.get()
    assert StoredFile.objects.get(public_id=waiting).owner_id == issue.pk
    prepare_waiting(clock=lambda: NOW)
    assert f"/t/{issue.token}/files/{waiting}/small/" in page(client, issue)


def test_before_and_after_stand_side_by_side(world: World, client: Client) -> None:
    from tests.support.photos import photo

    issue = world.create(category="0402")
    before = photo(world, issue, NOW, by=None)
    issue = world.act(issue, "comment", "resident", NOW, note="照片", attachments=[before.pk])
    for action, by, data in (("accept", "clerk", {}), ("dispatch", "clerk", {"department": "MUNICIPAL"})):
        issue = world.act(issue, action, by, NOW + HOUR, **data)
    issue = world.act(issue, "acknowledge", "officer", NOW + HOUR)
    after = photo(world, issue, NOW + HOUR, by="officer")
    note = {"outcome": "solved", "note": "已清理。", "attachments": [after.pk]}
    issue = world.act(issue, "reply", "officer", NOW + 2 * HOUR, **note)
    html = page(client, issue)
    assert "办理前" in html
    assert "办理后" in html
    assert html.index(before.public_id) < html.index(after.public_id)
    assert html.count(f"{before.public_id}/small/") == 1
