"""Identity and bank cards in what is typed: no door lets one into the store, save encrypted and for a reason."""

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import issue_token
from communities.actors import Actor
from communities.models import Contact
from issues.fields import FREE_TEXTS, KEEP
from issues.models import Issue
from issues.services.errors import InvalidFields
from issues.services.masking import mask
from issues.services.revealing import reveal_contact
from issues.workflow import Party
from journal.models import Event, EventText
from tests.integration.console.pages import form_of, text_of
from tests.integration.issues.test_edges import FIELDS, WHO, matter_for, prepare
from tests.integration.privacy.test_planted import EDGES
from tests.support.cast import NOW, PHONE, World
from tests.support.photos import tiny_jpeg
from tests.support.planted import texts_of
from tests.support.sampling import sampled
from tests.unit.common.test_scrubbing import FOUND, KEPT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
IDENTITY: Final = "11010519491231002X"
CARD: Final = "6222021234567894"
SPELLINGS: Final = [(number, label) for label in ("[证件号]", "[卡号]") for number in FOUND[label]]
FRAME: Final = "路口积水，号码 {} 请登记"
WINDOW: Final = 12
"""So many digits of a number in a row are no accident."""


def digits_of(text: str) -> str:
    return "".join(str(unicodedata.digit(letter)) for letter in text if unicodedata.digit(letter, None) is not None)


def stored_rows() -> list[tuple[str, str]]:
    """Every row of every table as text, whatever column it stands in; besides what only the application can read."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 (names of the catalogue)
            found += [(table, row) for (row,) in cursor.fetchall()]
    found += [("the journal", text.text) for text in EventText.objects.all()]
    return found + [("contacts", f"{row.name} {row.address}") for row in Contact.objects.all()]


def expect_none_of(number: str) -> None:
    """No row holds a piece of the number, and the index none of its groups."""
    digits = digits_of(number)
    pieces = {digits[place : place + WINDOW] for place in range(len(digits) - WINDOW + 1)}
    held = [(table, row) for table, row in stored_rows() if any(piece in digits_of(row) for piece in pieces)]
    assert held == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(tsvector_to_array(lexemes)) FROM issues_issue")
        words = [word for (word,) in cursor.fetchall() if word.isdigit() and len(word) > 3]
    assert [word for word in words if word in digits] == []


# Doors by which a matter comes about


def by_intake(world: World, signed_in: Browser, words: str) -> Any:
    values = {
        "source": "phone", "contact_phone": PHONE, "contact_name": words, "contact_address": words,
        "description": words, "address": words, "place": f"n{world.neighbourhoods['xingfu'].pk}", "kind": "help",
        "category": "0301", "idempotency_key": "key-12345678", "then": "next",
    }  # fmt: skip
    return signed_in("clerk").post("/console/issues/new/", values)


def by_report(world: World, signed_in: Browser, words: str) -> Any:
    photo = SimpleUploadedFile(f"{words}.jpg", tiny_jpeg(), content_type="image/jpeg")
    values = {
        "description": words, "address": words, "contact_name": words[:40], "contact_phone": PHONE, "photos": photo,
        "community": world.communities["xiadong"].pk,
        "idempotency_key": "form-12345678",
    }  # fmt: skip
    return Client().post("/report/", values)


def by_leader(world: World, signed_in: Browser, words: str) -> Any:
    values = {"description": words, "address": words, "idempotency_key": "form-12345678"}
    return signed_in("leader").post("/leader/report/", values)


def by_api(world: World, signed_in: Browser, words: str) -> Any:
    values = {
        "title": words, "description": words, "address": words, "contact_name": words, "contact_address": words,
        "contact_phone": PHONE, "community": "夏东社区", "category": "0202",
    }  # fmt: skip
    token = issue_token(user=world.people["clerk"], at=NOW)
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": "key-12345678"}
    return Client().post("/api/v1/issues/", values, content_type="application/json", headers=headers)


def by_public_api(world: World, signed_in: Browser, words: str) -> Any:
    values = {
        "title": words, "description": words, "address": words, "contact_name": words, "contact_address": words,
        "contact_phone": PHONE, "community": "夏东社区",
    }  # fmt: skip
    return Client().post("/api/v1/public/issues/", values, content_type="application/json")


DOORS: Final = {door.__name__: door for door in (by_intake, by_report, by_leader, by_api, by_public_api)}


@pytest.mark.parametrize(
    ("door", "spelling"), sampled(((door, spelling) for door in DOORS for spelling in SPELLINGS), 8)
)
def test_no_door_lets_a_card_into_the_store(
    world: World, signed_in: Browser, door: str, spelling: tuple[str, str]
) -> None:
    number, label = spelling
    answer = DOORS[door](world, signed_in, FRAME.format(number))
    assert answer.status_code in (201, 302), answer.content.decode()[:2000]
    issue = Issue.objects.get()
    assert issue.description == issue.address == FRAME.format(label)
    assert issue.contact is not None
    assert issue.contact.numbers == ""
    expect_none_of(number)


ACTIONS: Final = {
    action: (party, status)
    for (action, party), status in reversed(EDGES)
    if set(texts_of(action)) and party is not Party.CO
}


@pytest.mark.parametrize(
    ("action", "spelling"), sampled(((action, spelling) for action in ACTIONS for spelling in SPELLINGS), 12)
)
def test_no_text_of_an_action_carries_a_card(world: World, action: str, spelling: tuple[str, str]) -> None:
    (party, status), (number, label) = ACTIONS[action], spelling
    issue = prepare(world, world.make_issue(status, **matter_for(action)), action, party)
    data: dict[str, Any] = {"master": world.create().number} if action == "merge" else dict(FIELDS[action])
    names = [name for name in texts_of(action) if name in FREE_TEXTS and name != KEEP]
    data |= dict.fromkeys(names, FRAME.format(number))
    world.act(issue, action, WHO[party], NOW + timedelta(minutes=30), **data)
    expect_none_of(number)
    told = [text.text for text in EventText.objects.filter(event__kind=action)]
    assert any(label in text for text in told) or action == "publish"


@pytest.mark.parametrize("number", KEPT)
def test_what_is_no_card_stays_as_it_was_typed(world: World, number: str) -> None:
    issue = world.create(description=FRAME.format(number), address=number)
    assert (issue.description, issue.address) == (FRAME.format(number), number)


def test_telephones_and_outside_numbers_stay(world: World) -> None:
    words = "本人13800001111，家里86330001 86330009，物业0757-86330001/86330002\n表号33345678\n33345671"
    issue = world.create(description=words, source="hotline_12345", external_number=CARD)
    assert (issue.description, issue.external_number) == (words, CARD)


# What the person is told


def test_the_clerk_is_told_while_typing_and_after_saving(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    words = FRAME.format(f"{IDENTITY}，卡 {CARD}")
    typing = text_of(clerk.post("/console/issues/new/reference/", {"description": words}))
    assert "识别到 1 个证件号、1 个银行卡号：保存时遮盖，不保留号码" in typing
    assert "识别到" not in text_of(clerk.post("/console/issues/new/reference/", {"description": "路口积水"}))
    answer = by_intake(world, lambda _name: clerk, words)
    told = text_of(clerk.get(answer.headers["Location"]))
    assert "识别到 1 个证件号、1 个银行卡号：为保护个人信息已遮盖，没有保存" in told
    issue = Issue.objects.get()
    page = clerk.get(f"/console/issues/{issue.number}/?action=comment")
    values = form_of(page, "/actions/comment/") | {"note": words}
    after = clerk.post(f"/console/issues/{issue.number}/actions/comment/", values, follow=True)
    assert "没有保存" in text_of(after)


def test_the_resident_is_told_while_typing_and_after_sending(world: World, signed_in: Browser) -> None:
    words = FRAME.format(IDENTITY)
    browser = Client()
    assert "您写了 1 个证件号" in browser.post("/report/similar/", {"description": words}).content.decode()
    values = {"description": words, "contact_phone": PHONE, "idempotency_key": "form-12345678"}
    refused = browser.post("/report/", values)
    assert refused.status_code == 400
    assert IDENTITY in form_of(refused, "/report/?send")["description"]
    assert "您写了 1 个证件号" in refused.content.decode()
    sent = browser.post("/report/", values | {"community": str(world.communities["xiadong"].pk)})
    shown = browser.get(sent["Location"]).content.decode()
    assert "识别到 1 个证件号：为保护个人信息已遮盖，没有保存" in shown
    assert IDENTITY not in shown
    issue = Issue.objects.get()
    noted = browser.post(f"/t/{issue.token}/comment/", {"note": words}, follow=True).content.decode()
    assert "没有保存" in noted


# Keeping the whole for a reason

WHY: Final = "社保窗口核对身份需要"


def _intake(world: World, clerk: Client, **given: str) -> Any:
    values = {
        "source": "phone", "contact_phone": PHONE, "contact_name": "梁女士", "description": FRAME.format(IDENTITY),
        "place": f"n{world.neighbourhoods['xingfu'].pk}", "kind": "help", "category": "0301",
        "idempotency_key": "key-12345678", "then": "next", KEEP: WHY,
    }  # fmt: skip
    return clerk.post("/console/issues/new/", values | given)


def test_a_clerk_keeps_the_whole_by_saying_why(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = _intake(world, clerk, address=f"卡号{CARD}")
    issue = Issue.objects.select_related("contact").get()
    assert issue.contact is not None
    assert set(issue.contact.numbers.splitlines()) == {f"identity {IDENTITY}", f"bank_card {CARD}"}
    assert issue.contact.numbers_reason == WHY
    for number in (IDENTITY, CARD):
        expect_none_of(number)
    event = Event.objects.get(kind="create")
    assert event.data["kept"] == ["bank_card", "identity"]
    assert EventText.objects.get(event=event, key=KEEP).text == WHY
    assert "完整号码已加密保存" in text_of(clerk.get(answer.headers["Location"]))
    page = text_of(clerk.get(f"/console/issues/{issue.number}/"))
    assert "已加密保存完整号码：银行卡号、证件号" in page
    assert IDENTITY not in page
    shown = text_of(clerk.post(f"/console/issues/{issue.number}/reveal/", {"reason": "到窗口核对"}))
    assert f"证件号 {IDENTITY}" in shown
    assert WHY in shown
    assert Event.objects.filter(kind="reveal").count() == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"description": "路口积水"}, "没有识别到证件号或银行卡号"),
        ({"anonymous": "true"}, "匿名件没有反映人资料"),
        ({KEEP: "长" * 201}, "最多 200 个字"),
    ],
)
def test_a_reason_without_something_to_keep_is_refused(
    world: World, signed_in: Browser, given: dict[str, str], told: str
) -> None:
    answer = _intake(world, signed_in("clerk"), **given)
    assert answer.status_code == 400
    assert told in text_of(answer)
    typed = {KEEP: WHY, "description": FRAME.format(IDENTITY)} | given
    values = form_of(answer, "/console/issues/new/")
    assert {name: values[name] for name in (KEEP, "description")} == {
        name: typed[name] for name in (KEEP, "description")
    }
    assert not Issue.objects.exists()


def test_a_correction_keeps_and_a_new_contact_carries_it_on(world: World) -> None:
    issue = world.create(description=FRAME.format(IDENTITY))
    with pytest.raises(InvalidFields):
        world.act(issue, "edit", keep_numbers=WHY)
    issue = world.act(issue, "edit", description=FRAME.format(IDENTITY), keep_numbers=WHY)
    event = Event.objects.get(kind="edit")
    assert event.data["kept"] == ["identity"]
    issue = world.act(issue, "edit", contact_phone="13800001111", description=FRAME.format(CARD), keep_numbers="退款")
    revealed = reveal_contact(issue_id=issue.pk, by=world.actor("clerk"), reason="退款", at=NOW)
    assert revealed.numbers == (f"证件号 {IDENTITY}", f"银行卡号 {CARD}")
    assert revealed.numbers_reason == "退款"
    for number in (IDENTITY, CARD):
        expect_none_of(number)


def test_what_stood_before_goes_masked_into_the_journal(world: World) -> None:
    issue = world.create()
    Issue.objects.filter(pk=issue.pk).update(description=FRAME.format(IDENTITY), title=FRAME.format(CARD))
    world.act(issue, "edit", description="路口积水已退", title="积水")
    for number in (IDENTITY, CARD):
        expect_none_of(number)


def test_of_a_confidential_matter_only_who_knows_the_reporter_keeps_and_reads(world: World, signed_in: Browser) -> None:
    issue = world.make_issue(
        "in_progress", kind="report", description=FRAME.format(IDENTITY), keep_numbers=WHY, contact_name="梁女士"
    )
    refused = signed_in("officer").post(f"/console/issues/{issue.number}/reveal/", {"reason": "核对"})
    assert refused.status_code == 403
    assert IDENTITY in text_of(
        signed_in("supervisor").post(f"/console/issues/{issue.number}/reveal/", {"reason": "核对"})
    )


def test_a_correction_that_came_too_late_keeps_what_was_typed(world: World, signed_in: Browser) -> None:
    issue, clerk = world.create(), signed_in("clerk")
    page = clerk.get(f"/console/issues/{issue.number}/?action=edit")
    values = form_of(page, "/actions/edit/") | {"description": FRAME.format(IDENTITY), KEEP: WHY}
    world.act(issue, "edit", "supervisor", description="路口积水已退")
    answer = clerk.post(f"/console/issues/{issue.number}/actions/edit/", values)
    assert answer.status_code == 409
    typed = form_of(answer, "/actions/edit/")
    assert (typed["description"], typed[KEEP]) == (FRAME.format(IDENTITY), WHY)
    expect_none_of(IDENTITY)
    assert clerk.post(f"/console/issues/{issue.number}/actions/edit/", typed).status_code == 302
    contact = Issue.objects.select_related("contact").get().contact
    assert contact is not None
    assert contact.numbers == f"identity {IDENTITY}"


def test_a_masked_matter_has_lost_what_was_kept(world: World) -> None:
    issue = world.make_issue("closed", description=FRAME.format(IDENTITY), keep_numbers=WHY)
    mask(issue=issue, by=Actor.system(), at=NOW + timedelta(days=900))
    assert set(Contact.objects.values_list("numbers", "numbers_reason")) == {("", "")}


def test_what_the_office_writes_of_itself_holds_none(world: World, signed_in: Browser) -> None:
    admin, area, said = signed_in("admin"), world.area.pk, f"核对 {IDENTITY}"
    incident = dict.fromkeys(("title", "what", "categories", "harm", "measures"), said)
    told = dict.fromkeys(("name", "purpose", "basis", "people", "categories", "recipients", "kept", "measures"), said)
    hold = {"do": "hold", "number": world.make_issue("closed").number, "hold_reason": said, "review_on": "2026-09-30"}
    ask = {"kind": "see", "asked_as": "self", "identity": "document", "name": "李四", "phone": PHONE, "words": said}
    community = world.communities["xiadong"].pk
    for path, sent in (
        ("office/text/new/", {"label": "核对", "text": said}),
        ("incidents/new/", {**incident, "noticed_at": (NOW - timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")}),
        ("register/new/", told),
        ("retention/", hold),
    ):
        assert admin.post(f"/console/admin/{path}", {"office": area, **sent}).status_code == 302, path
    supervisor = signed_in("supervisor")
    made = supervisor.post("/console/rights/new/", {"community": community, **ask})
    page = made.headers["Location"]
    for step in ({"step": "reveal", "why": said}, {"step": "decide"}, {"step": "finish", "answer": said}):
        assert supervisor.post(page, step).status_code in (200, 302)
    assert "核对 [证件号]" in supervisor.get(page).content.decode()
    rows = "".join(text for _table, text in stored_rows())
    assert IDENTITY[:12] not in rows
    assert rows.count("[证件号]") > len(incident) + len(told)
