"""The word list: its page, who may change it, and what follows it: search, matters that read alike, categories."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from communities import word_list, word_list_editing
from communities.models import ColloquialWord
from issues.models import Issue
from issues.reading import finding, published
from journal.models import Event
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

URL = "/console/admin/word-list/"
Browser = Callable[[str], Client]
pytestmark = pytest.mark.usefixtures("frozen")


def found(world: World, text: str) -> list[Issue]:
    return list(finding.search_in(Issue.objects.all(), text, NOW, world.actor("clerk").access).order_by("pk"))


def test_a_search_finds_what_was_written_in_other_words(world: World) -> None:
    said = world.create(title="落雨水浸街", description="门口都行唔过")
    written = world.create(title="路面积水", description="雨后不退")
    other = world.create(title="路灯不亮", description="三晚了")
    assert found(world, "积水") == found(world, "水浸街") == [said, written]
    assert found(world, "路灯") == found(world, "街灯") == [other]


def test_a_word_is_added_changed_and_switched_off(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), str(world.area.pk)
    assert "水浸街" in admin.get(URL).content.decode()
    issue = world.create(title="路灯不亮", description="三晚了")
    assert found(world, "暗摸摸") == []
    added = admin.post(URL, {"area": area, "word": "暗摸摸", "means": "路灯"}, follow=True)
    assert "暗摸摸" in added.content.decode()
    assert found(world, "暗摸摸") == [issue]
    assert 'value="路灯"' in admin.get(URL, {"area": area, "word": "暗摸摸"}).content.decode()
    assert admin.post(URL, {"area": area, "word": "街灯", "means": ""}).status_code == 302
    assert found(world, "街灯") == []
    assert "本街道停用的词" in admin.get(URL).content.decode()
    assert 'value="路灯"' in admin.get(URL, {"area": area, "word": "街灯"}).content.decode(), "one press brings it back"
    assert Event.objects.filter(kind=word_list_editing.CHANGED, subject_id=world.area.pk).count() == 2


def test_what_is_wrong_is_said_beside_the_field(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), str(world.area.pk)
    for word, means, says in (
        ("", "积水", "请填写 1 至 20 个字"),
        ("水 浸", "积水", "请填写"),
        ("积水", "积水", "两个词相同"),
    ):
        answer = admin.post(URL, {"area": area, "word": word, "means": means})
        assert (answer.status_code, says in answer.content.decode()) == (400, True), word
    assert not ColloquialWord.objects.exists()


def test_the_words_of_one_sub_district_are_not_anothers(world: World) -> None:
    admin = world.people["admin"]
    word_list_editing.set_meaning(
        subdistrict_id=world.area.pk, word="暗摸摸", means="路灯", by=admin, role="admin", at=NOW
    )
    assert word_list.word_list(world.area.pk).read("暗摸摸")[0] == "路灯"
    assert word_list.word_list(None).read("暗摸摸")[0] == "暗摸摸"


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_word_at_once_are_both_answered(world: World) -> None:
    def add(means: str) -> None:
        word_list_editing.set_meaning(
            subdistrict_id=world.area.pk, word="暗摸摸", means=means, by=world.people["admin"], role="admin", at=NOW
        )

    for _round in range(5):
        at_once(partial(add, "路灯"), partial(add, "夜灯"), partial(add, "路灯"))
    rows = ColloquialWord.objects.filter(subdistrict=world.area, word="暗摸摸")
    assert (rows.count(), rows.filter(retired_at=None).count()) == (15, 1)


@pytest.mark.parametrize("username", ["clerk", "supervisor", "leader"])
def test_only_administrators(signed_in: Browser, username: str) -> None:
    assert signed_in(username).get(URL).status_code == 403


def test_what_a_resident_types_finds_the_released_matter_in_the_offices_words(world: World) -> None:
    world.create(title="别的事", description="别的事情")
    issue = world.create(title="落雨后路面积水", description="雨后积水不退")
    Issue.objects.filter(pk=issue.pk).update(
        published_at=NOW,
        published_by=world.people["clerk"],
        public_title="雨后路面积水，雨水口堵塞",
        public_text="正在安排疏通",
    )
    alike = published.most_alike("落大雨水浸街，渠口塞住", issue.community_id, issue.subdistrict_id, NOW)
    assert [row.pk for row in alike] == [issue.pk]
