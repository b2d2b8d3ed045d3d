"""One matter for one intention: however often a form comes, and whatever happened to the answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from files.models import StoredFile
from issues.models import Issue, Submission
from issues.services.submissions import new_key
from journal.models import Event
from tests.integration.api.test_concurrency import at_once
from tests.integration.console.pages import form_of
from tests.integration.phone.pages import jpeg
from tests.support.cast import World
from tests.support.reporter import reporter_of

Browser = Callable[[str], Client]
KEY = "form-12345678"
OTHER = "另一件事：路灯不亮"
KEPT = ("idempotency_key", "description", "address", "uploads")
"""What the form of a refused sending carries on."""


def report(world: World, **given: Any) -> dict[str, Any]:
    return {
        "description": "三号楼门口地砖松了",
        "community": world.communities["xiadong"].pk,
        "contact_phone": "19900004321",
        "idempotency_key": KEY,
    } | given


class Face:
    """A form of the phone: where it is sent, what a person types, and how it tells the number."""

    def __init__(self, world: World, client: Client, url: str, values: dict[str, Any]) -> None:
        self.world, self.client, self.url, self.values = world, client, url, values

    def send(self, **given: Any) -> Any:
        return self.client.post(self.url, self.values | given)

    def number(self, answer: Any) -> str:
        """What the person reads once the form was taken."""
        assert answer.status_code == 302
        html = self.client.get(answer["Location"]).content.decode()
        return next(issue.number for issue in Issue.objects.all() if issue.number in html)


@pytest.fixture(params=["resident", "leader"])
def face(request: pytest.FixtureRequest, world: World, signed_in: Browser) -> Face:
    if request.param == "resident":
        return Face(world, Client(), "/report/", report(world))
    values = {"description": "二单元门口地砖松了", "idempotency_key": KEY}
    return Face(world, signed_in("leader"), "/leader/report/", values)


pytestmark = pytest.mark.usefixtures("frozen")


def test_a_repeat_costs_nothing_and_shows_the_number(face: Face) -> None:
    numbers = {face.number(face.send()) for _time in range(8)}
    assert len(numbers) == Issue.objects.count() == Event.objects.filter(kind="create").count() == 1
    for place in range(4):
        assert face.send(idempotency_key=f"another-{place}", description=f"第{place}件").status_code == 302


def test_with_photos_a_repeat_is_a_repeat_and_leaves_no_file_behind(face: Face) -> None:
    first = face.send(photos=jpeg())
    assert face.number(first) == face.number(face.send(photos=jpeg())) == face.number(face.send())
    assert StoredFile.objects.count() == Issue.objects.count() == 1


def test_a_repeat_of_a_form_that_kept_a_photo(face: Face) -> None:
    wrong = face.send(description="", photos=jpeg())
    assert wrong.status_code == 400
    (waiting,) = StoredFile.objects.all()
    for _time in range(2):
        assert face.send(uploads=waiting.public_id).status_code == 302
    assert Issue.objects.count() == 1


@pytest.mark.parametrize("more", [{"description": OTHER}, {"address": "北门"}, {"photos": "a photo"}])
def test_other_words_under_the_same_key_are_kept_and_asked_about(face: Face, more: dict[str, Any]) -> None:
    number = face.number(face.send())
    given = {name: jpeg() if name == "photos" else value for name, value in more.items()}
    answer = face.send(**given)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "现在写的还没有提交" in html
    assert number in html
    assert "作为另一件提交" in html
    assert Issue.objects.count() == 1
    again = form_of(answer, f"{face.url}?send")
    assert again["idempotency_key"] != KEY
    for name in ("description", "address"):
        assert again[name] == (face.values | more).get(name, "")
    assert ("uploads" in again) == ("photos" in more)
    done = face.client.post(face.url, face.values | {name: again[name] for name in KEPT if name in again})
    assert done.status_code == 302
    assert Issue.objects.count() == Submission.objects.count() == 2


def test_a_key_that_is_none_is_replaced_and_the_words_stay(face: Face) -> None:
    answer = face.send(idempotency_key="no")
    assert (answer.status_code, Issue.objects.count()) == (400, 0)
    again = form_of(answer, f"{face.url}?send")
    assert again["description"] == face.values["description"]
    assert face.send(idempotency_key=again["idempotency_key"]).status_code == 302


def test_another_persons_key_gives_nothing_away(world: World, signed_in: Browser) -> None:
    signed_in("leader").post("/leader/report/", {"description": "地砖松了", "idempotency_key": KEY})
    number = Issue.objects.get().number
    answer = Client().post("/report/", report(world))
    assert (answer.status_code, Issue.objects.count()) == (400, 1)
    assert number not in answer.content.decode()


def test_the_limit_keeps_the_words_and_is_not_in_the_way_of_a_repeat(world: World, client: Client) -> None:
    for place in range(5):
        sent = report(world, idempotency_key=f"report-number-{place}", description=f"第{place}件事情")
        assert client.post("/report/", sent).status_code == 302
    refused = client.post("/report/", report(world, description="第六件事情", photos=jpeg()))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    form = form_of(refused, "/report/?send")
    assert (form["description"], form["idempotency_key"]) == ("第六件事情", KEY)
    assert "uploads" in form
    again = client.post("/report/", report(world, idempotency_key="report-number-0", description="第0件事情"))
    assert again.status_code == 302
    assert Issue.objects.count() == 5


def test_back_finds_the_blank_form_with_its_key(face: Face) -> None:
    blank = face.client.get(face.url)
    assert "no-store" not in blank["Cache-Control"]
    assert "private" in blank["Cache-Control"]
    assert "no-store" in face.send(description="")["Cache-Control"]


NOTE = {"note": "水还没退"}
ACTIONS = [
    ("in_progress", "comment", NOTE, "comment"),
    ("need_info", "give_info", NOTE, "give_info"),
    ("in_progress", "request_callback", NOTE, "request_callback"),
    ("submitted", "withdraw", {}, "withdraw"),
    ("closed", "reopen", {"reason": "又坏了"}, "reopen"),
    ("replied", "verdict", {"solved": "yes", "verdict": "fairly"}, "record_follow_up"),
    ("replied", "verdict", {"solved": "no", "reason": "没修"}, "redo"),
    ("closed", "verdict", {"solved": "no", "reason": "没修"}, "reopen"),
]


def page_of(world: World, status: str, action: str) -> tuple[Client, Issue, str, dict[str, str]]:
    """The form of an action, as its reporter has it before them; where the matter closed since, from before that."""
    issue = world.make_issue(status)
    client, url = reporter_of(issue), f"/t/{issue.token}/{action}/"
    return client, issue, url, {"idempotency_key": new_key(), **form_of(client.get(url), url)}


@pytest.mark.parametrize(("status", "action", "words", "kind"), ACTIONS)
def test_an_action_whose_answer_was_lost_is_done_once(
    world: World, status: str, action: str, words: dict[str, str], kind: str
) -> None:
    client, issue, url, form = page_of(world, status, action)
    answers = [client.post(url, form | words) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert Event.objects.of("issue", issue.pk).of_kinds([kind]).count() == 1
    assert Issue.objects.get(pk=issue.pk).version == issue.version + 1


def test_other_words_of_an_action_under_its_key_are_asked_about(world: World) -> None:
    client, issue, url, form = page_of(world, "in_progress", "comment")
    assert client.post(url, form | NOTE).status_code == 302
    for more in ({"note": OTHER}, NOTE | {"photos": jpeg()}):
        answer = client.post(url, form | more)
        again = form_of(answer, url)
        assert (answer.status_code, again["note"]) == (409, more["note"])
        assert again["idempotency_key"] != form["idempotency_key"]
        assert client.post(url, again).status_code == 302
    assert Event.objects.of("issue", issue.pk).of_kinds(["comment"]).count() == 3


def test_the_key_of_one_action_serves_no_other(world: World) -> None:
    client, issue, url, form = page_of(world, "in_progress", "comment")
    assert client.post(url, form | NOTE).status_code == 302
    other = world.make_issue("in_progress")
    assert client.post(f"/t/{issue.token}/request_callback/", form | NOTE).status_code == 409
    assert reporter_of(other).post(f"/t/{other.token}/comment/", form | NOTE).status_code == 409
    assert not Event.objects.of("issue", other.pk).of_kinds(["comment"]).exists()


@pytest.mark.django_db(transaction=True)
def test_a_comment_sent_twice_at_once(world: World) -> None:
    client, issue, url, form = page_of(world, "in_progress", "comment")
    answers = at_once([partial(client.post, url, form | NOTE) for _time in range(4)])
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Event.objects.of("issue", issue.pk).of_kinds(["comment"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_at_once_on_real_connections(face: Face) -> None:
    answers = at_once([partial(face.send, photos=jpeg()) for _time in range(4)])
    assert [answer.status_code for answer in answers] == [302] * 4
    assert Issue.objects.count() == Event.objects.filter(kind="create").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_different_matters_at_once_under_one_key(face: Face) -> None:
    answers = at_once([face.send, partial(face.send, description=OTHER)])
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert Issue.objects.count() == 1
