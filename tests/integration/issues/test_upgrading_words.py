"""What stood before: phones, titles and words of existing rows come out as those of new ones."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection

from common import search
from common.crypto import lookup_hash
from communities.models import Contact, Leader
from issues.models import Issue
from issues.reading import finding
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

PHONES = import_module("communities.migrations.0003_canonical_phones")
HERE = SimpleNamespace(connection=connection)
CARDS = import_module("issues.migrations.0025_no_card_in_the_index")
WORDS = import_module("issues.migrations.0014_titles_and_words")


@pytest.mark.parametrize(
    ("stored", "canonical"),
    [
        ("75786330001", "075786330001"),
        ("013800001111", "13800001111"),
        ("0085291234567", "+85291234567"),
        ("+85291234567", "+85291234567"),
        ("13800001111", "13800001111"),
        ("1380000111", "1380000111"),
    ],
)
def test_a_stored_phone_becomes_canonical(world: World, stored: str, canonical: str) -> None:
    issue = world.create()
    assert issue.contact is not None
    Contact.objects.filter(pk=issue.contact.pk).update(
        phone=stored, phone_hash=lookup_hash(stored), phone_last4=stored[-4:]
    )
    PHONES.forward(None, HERE)
    PHONES.forward(None, HERE)
    contact = Contact.objects.get(pk=issue.contact.pk)
    assert (contact.phone, contact.phone_last4) == (canonical, canonical[-4:])
    assert list(finding.search_in(Issue.objects.all(), canonical, NOW, world.actor("clerk").access)) == [issue]
    assert Leader.objects.exclude(phone="").exists()


def test_a_phone_that_cannot_be_read_stays(world: World) -> None:
    issue = world.create()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE communities_contact SET phone = 'gAAAA' WHERE id = %s", [issue.contact_id])
    PHONES.forward(None, HERE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM communities_contact WHERE id = %s", [issue.contact_id])
        assert cursor.fetchone() == ("gAAAA",)


def test_titles_and_words_are_made_anew(world: World) -> None:
    greeted = world.create(description="您好！路灯坏了，电话13900002222")
    kept = world.create(title="路口积水", description="您好！请看现场")
    Issue.objects.filter(pk=greeted.pk).update(title="您好", lexemes=["13900002222"])
    Issue.objects.filter(pk=kept.pk).update(lexemes=["stays"])
    WORDS.make_anew(None, HERE)
    greeted.refresh_from_db()
    kept.refresh_from_db()
    assert (greeted.title, kept.title) == ("路灯坏了，电话", "路口积水")
    assert list(Issue.objects.matching("路灯")) == [greeted]
    assert list(Issue.objects.matching("13900002222")) == []
    assert list(Issue.objects.matching("stays")) == [kept]


def test_a_confidential_reporter_leaves_the_words_that_stand(world: World) -> None:
    issue = world.create(description="我是张小三，隔壁养鸡", contact_name="张小三", confidential=True)
    Issue.objects.filter(pk=issue.pk).update(title="我是张小三，隔壁养鸡", lexemes=["张", "小", "三"])
    WORDS.make_anew(None, HERE)
    issue.refresh_from_db()
    assert "张小三" not in issue.title
    assert list(Issue.objects.matching("张小三")) == []
    assert list(Issue.objects.matching("隔壁养鸡")) == [issue]


@pytest.mark.parametrize("card", ["6222021234567894", "6222 0212 3456 7894", "１１０１０５１９４９１２３１００２Ｘ"])
def test_the_index_of_what_stands_loses_its_cards(world: World, card: str) -> None:
    """Rows from before cards were masked: their words stay, no digit of a card is found any more."""
    issue, other = world.create(), world.create(description="路口 12345 积水")
    words = f"路灯不亮，卡号 {card} 请退款"
    Issue.objects.filter(pk=issue.pk).update(description=words, lexemes=search.lexemes(words))
    Issue.objects.filter(pk=other.pk).update(lexemes=["stays"])
    assert list(Issue.objects.matching(card)) == [issue]
    CARDS.make_anew(None, HERE)
    CARDS.make_anew(None, HERE)
    issue.refresh_from_db()
    assert issue.description == words
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(tsvector_to_array(lexemes)) FROM issues_issue WHERE id = %s", [issue.pk])
        assert not [word for (word,) in cursor.fetchall() if word.isalnum() and word.isascii()]
    assert list(Issue.objects.matching("路灯")) == [issue]
    assert list(Issue.objects.matching("stays")) == [other]
