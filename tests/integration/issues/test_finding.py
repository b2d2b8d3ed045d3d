"""Finding matters by what people type, each from its index."""

import pytest
from django.db import connection

from common.plain import plain
from communities.access import Access
from issues.models import Issue
from issues.reading import finding
from issues.services.actions import act
from issues.services.errors import InvalidFields
from tests.support.cast import NOW, World
from tests.support.standing import begins

pytestmark = pytest.mark.django_db


STRANGER = Access(user_id=0, roles=frozenset())
"""Knows no reporter of a confidential matter."""


def found(text: str, access: Access = STRANGER) -> list[int]:
    return sorted(finding.search_in(Issue.objects.all(), text, NOW, access).values_list("pk", flat=True))


def things(world: World) -> dict[str, int]:
    """One matter for each thing to be found, and noise."""
    made = {
        "plate": world.create(description="粤E12345 长期占道", contact_phone=""),
        "house": world.create(description="桂平路12号门前积水", contact_phone=""),
        "lamp": world.create(description="小区路灯15不亮", contact_phone=""),
        "pipe": world.create(description="DN300污水管破裂", contact_phone=""),
        "radio": world.create(description="楼顶5G基站噪声", contact_phone=""),
        "rare": world.create(description="𠮷祥里井盖缺失", contact_phone=""),
        "phone": world.create(description="树枝挡窗", contact_phone="0757-86330001转8012"),
        "mobile": world.create(description="垃圾没人收", contact_phone="+86 138 0000 1111"),
        "outside": world.create(description="噪音扰民", contact_phone="", external_number=" ｆs12345－00２６\u200b"),
    }
    return {name: issue.pk for name, issue in made.items()}


@pytest.fixture
def matters(begun: dict[str, int]) -> dict[str, int]:
    """The keys of what ``things`` made."""
    return begun


@begins(things)
@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("plate", "粤E12345"), ("plate", "粤e12345"), ("plate", "E12345"), ("house", "桂平路12"), ("lamp", "路灯15"),
        ("lamp", "路灯１５"), ("pipe", "DN300"), ("pipe", "dn300污水管"), ("radio", "5G"), ("radio", "5g基站"),
        ("rare", "𠮷"), ("rare", "𠮷祥里"), ("mobile", "13800001111"), ("mobile", "138 0000 1111"),
        ("mobile", "+86 138-0000-1111"), ("mobile", "１３８００００１１１１"), ("mobile", "\u200b13800001111\u200b"),
        ("mobile", "138—0000—1111"), ("mobile", "1111"), ("phone", "0757-86330001"), ("phone", "+86 757 86330001"),
        ("phone", "(0757)86330001"), ("phone", "0757-86330001转8012"), ("outside", "FS12345-0026"),
        ("outside", "fs123450026"), ("outside", "ＦＳ12345－0026"), ("outside", "FS 12345 0026"),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_matter(matters: dict[str, int], name: str, typed: str) -> None:
    assert matters[name] in found(typed)
    others = set(matters.values()) - {matters[name]}
    assert not others & set(found(typed))


@begins(things)
@pytest.mark.parametrize("typed", ["路灯1", "桂平路1", "13800002222", "4G", "𠮶", "FS12345-002", "No.999999", "！！！"])
def test_what_is_not_there_finds_nothing(matters: dict[str, int], typed: str) -> None:
    assert found(typed) == []


@begins(things)
def test_a_number_is_found_as_people_write_it(matters: dict[str, int]) -> None:
    issue = Issue.objects.get(pk=matters["lamp"])
    for typed in ("编号：{}", "【{}】", "{}。", "{}号"):
        assert found(typed.format(issue.number)) == [issue.pk]
    assert found(f"No.{issue.serial}") == [issue.pk]


def test_a_phone_in_the_words_is_no_word(world: World) -> None:
    issue = world.create(description="我是13900002222，卡号6222021234567894，家里漏水", contact_phone="")
    assert found("13900002222") == found("6222021234567894") == found("1390000") == []
    assert found("家里漏水") == [issue.pk]


@pytest.mark.parametrize("typed", ["13900002222", "+86 139-0000-2222", "2222"])
def test_a_confidential_matter_is_found_by_phone_only_by_who_knows_the_reporter(world: World, typed: str) -> None:
    issue = world.create(description="有人私搭", contact_phone="13900002222", confidential=True)
    assert found(typed) == found(typed, world.actor("officer").access) == []
    for who in ("clerk", "supervisor"):
        assert found(typed, world.actor(who).access) == [issue.pk]


@begins(things)
def test_an_outside_number_is_kept_as_it_is_printed(matters: dict[str, int]) -> None:
    assert Issue.objects.get(pk=matters["outside"]).external_number == "fs12345-0026"


_OWN = frozenset({"id", "serial", "number", "token", "external_number", "contact", "lexemes"})


def twenty_thousand(world: World) -> None:
    """Rows that are not what is looked for."""
    first = world.create(external_number="GD-1", contact_phone="13900009999")
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{field.column}"' for field in Issue._meta.concrete_fields if field.name not in _OWN)
        cursor.execute(
            "INSERT INTO communities_contact (subdistrict_id, name, phone, phone_hash, phone_last4, address,"
            " created_at)"
            " SELECT subdistrict_id, name, phone, md5(n::text), lpad((n %% 10000)::text, 4, '0'), address, created_at"
            " FROM communities_contact, generate_series(1, 20000) n WHERE id = %s",
            [first.contact_id],
        )
        cursor.execute(
            f"INSERT INTO issues_issue ({columns}, serial, number, token, external_number,"  # noqa: S608
            " contact_id, lexemes)"
            f" SELECT {columns}, n + 100, 'x-' || n, 'token-' || n, 'NH-' || n, c.id,"
            " to_tsvector('simple', 'road' || n || ' 路 灯 15')"
            " FROM issues_issue i CROSS JOIN generate_series(1, 20000) n"
            " JOIN (SELECT id, row_number() OVER () AS place FROM communities_contact) c ON c.place = n"
            " WHERE i.id = %s",
            [first.pk],
        )
        cursor.execute("ANALYZE issues_issue")
        cursor.execute("ANALYZE communities_contact")


@pytest.mark.long
@begins(twenty_thousand)
@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("13800001111", "comm_contact_by_phone"),
        ("1111", "comm_contact_by_tail"),
        ("ＦＳ12345－0026", "issues_external_key"),
        ("DN300", "issues_search"),
        ("路灯15", "issues_search"),
    ],
)
def test_each_is_served_by_its_index(world: World, typed: str, index: str) -> None:
    plans = []
    with connection.cursor() as cursor:
        for sql, values in _parts(typed):
            cursor.execute(f"EXPLAIN {sql} LIMIT 2000", values)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert any(index in plan for plan in plans), plans
    assert not any("Seq Scan on issues_issue" in plan for plan in plans), plans


def _parts(typed: str) -> list[finding.Part]:
    text = plain(typed)
    parts = [*finding._outside(text), *finding._contacts(text, STRANGER)]
    words = finding._words(text)
    return [*parts, *([(finding._BY_WORDS, [words])] if words else [])]


@pytest.mark.parametrize("field", ["title", "description"])
def test_an_edit_says_something(world: World, field: str) -> None:
    issue = world.create()
    for nothing in ("！！！", "\u200b", "。 …"):
        with pytest.raises(InvalidFields) as refused:
            act(issue_id=issue.pk, action="edit", by=world.actor("clerk"), at=NOW, version=issue.version,
                data={field: nothing})  # fmt: skip
        assert field in refused.value.fields


@pytest.mark.parametrize("nothing", ["！！！", "\u200b\u200b", " \u3164 。", "\u202e"])
def test_a_matter_says_something(world: World, nothing: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        world.create(description=nothing)
    assert "description" in refused.value.fields


def test_an_edit_of_the_name_keeps_an_old_phone(world: World) -> None:
    """A row from before a rule became stricter can still be corrected."""
    issue = world.create()
    assert issue.contact is not None
    issue.contact.phone = "86330001"
    issue.contact.save()
    act(issue_id=issue.pk, action="edit", by=world.actor("clerk"), at=NOW, version=issue.version,
        data={"contact_name": "李四"})  # fmt: skip
    changed = Issue.objects.select_related("contact").get(pk=issue.pk).contact
    assert changed is not None
    assert (changed.name, changed.phone) == ("李四", "86330001")
    assert found("86330001") == [issue.pk]
