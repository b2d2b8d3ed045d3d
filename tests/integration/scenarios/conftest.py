"""Telling a real case end to end: through the API, through the console's forms, through the resident's link."""

import json
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from PIL import Image

from accounts.models import issue_token
from common.clock import SHANGHAI
from communities.models import Category
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Issue
from journal.models import Event
from journal.verification import verify
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import PHONE, World
from tests.support.reporter import reporter_of


class Story:
    """One case under way. Every step happens at the time that the clock was set to, as the person named."""

    def __init__(self, world: World, clock: Any) -> None:
        self.world, self._clock = world, clock
        for code, name, department in (("0501", "加装电梯", "GOVERN"), ("0601", "电动自行车充电", "GOVERN")):
            self.world.categories[code] = Category.objects.create(
                subdistrict=world.area, code=code, name_zh=name, department=world.departments[department]
            )

    def at(self, text: str) -> datetime:
        """Set the clock (Shanghai's)."""
        moment = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        self._clock.move_to(moment)
        return moment

    @property
    def now(self) -> datetime:
        return datetime.now(tz=SHANGHAI)

    # The API

    def call(self, username: str, path: str, data: dict[str, Any]) -> Any:
        token = issue_token(user=self.world.people[username], at=self.now)
        return Client().post(
            f"/api/v1/{path}",
            json.dumps(data),
            content_type="application/json",
            headers={"Authorization": f"Token {token}"},
        )

    def create(self, username: str, **data: Any) -> Issue:
        answer = self.call(username, "issues/", {"community": "夏东社区", "category": "0301"} | data)
        assert answer.status_code == 201, answer.content.decode()
        return Issue.objects.get(number=answer.json()["number"])

    def report(self, **data: Any) -> Issue:
        """A resident reports without an account."""
        body = {"community": "夏东社区", "category": "0301", "contact_phone": PHONE} | data
        answer = Client().post("/api/v1/public/issues/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content.decode()
        return Issue.objects.get(number=answer.json()["number"])

    def try_api(self, username: str, issue: Issue, action: str, **data: Any) -> Any:
        version = Issue.objects.get(pk=issue.pk).version
        return self.call(username, f"issues/{issue.number}/actions/{action}/", {"version": version} | data)

    def api(self, username: str, issue: Issue, action: str, **data: Any) -> dict[str, Any]:
        answer = self.try_api(username, issue, action, **data)
        assert answer.status_code == 200, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found

    def photo(self, username: str, issue: Issue) -> int:
        """Upload a photo of this moment; its id."""
        token = issue_token(user=self.world.people[username], at=self.now)
        out = BytesIO()
        Image.new("RGB", (64, 48), (80, 120, 160)).save(out, "JPEG")
        out.seek(0)
        out.name = "现场.jpg"
        answer = Client().post(
            f"/api/v1/issues/{issue.number}/attachments/", {"file": out}, headers={"Authorization": f"Token {token}"}
        )
        assert answer.status_code == 201, answer.content.decode()
        return int(answer.json()[0]["id"])

    def resident(self, issue: Issue, action: str, phone: str = PHONE, **data: Any) -> Any:
        answer = Client().post(
            f"/api/v1/public/t/{issue.token}/actions/{action}/",
            json.dumps({"phone": phone} | data),
            content_type="application/json",
        )
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    # The console

    def browser(self, username: str) -> Client:
        client = Client()
        client.force_login(self.world.people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def try_console(self, username: str, issue: Issue, action: str, **data: Any) -> Any:
        version = Issue.objects.get(pk=issue.pk).version
        path = f"/console/issues/{issue.number}/actions/{action}/"
        return self.browser(username).post(path, {"version": str(version)} | data)

    def console(self, username: str, issue: Issue, action: str, **data: Any) -> Issue:
        answer = self.try_console(username, issue, action, **data)
        assert answer.status_code == 302, answer.content.decode()[-3000:]
        return Issue.objects.get(pk=issue.pk)

    def page(self, issue: Issue) -> str:
        """What the resident's page says."""
        answer = reporter_of(issue).get(f"/t/{issue.token}/")
        assert answer.status_code == 200
        return answer.content.decode()

    # What time does, and what came of it

    def tick(self) -> None:
        """The sweep and the fan-out, as beat runs them."""
        sweep(at=self.now)
        fan_out(at=self.now)

    def told(self, username: str, issue: Issue) -> list[str]:
        """Kinds of the notifications that this person got on this issue, oldest first."""
        rows = Notification.objects.filter(user=self.world.people[username], subject_id=issue.pk).order_by("id")
        return [str(kind) for kind in rows.values_list("kind", flat=True)]

    @staticmethod
    def clock(issue: Issue, kind: str) -> Deadline:
        """The last clock of this kind."""
        found = Deadline.objects.of(SUBJECT, issue.pk).filter(kind=kind).order_by("-id").first()
        assert found is not None, kind
        return found

    @staticmethod
    def events(issue: Issue) -> list[str]:
        """The journal of this issue, kinds only, reminders apart."""
        rows = Event.objects.of(SUBJECT, issue.pk).order_by("seq")
        return [kind for kind in rows.values_list("kind", flat=True) if kind != "remind"]

    @staticmethod
    def fresh(issue: Issue) -> Issue:
        return Issue.objects.get(pk=issue.pk)


@pytest.fixture
def story(world: World) -> Iterator[Story]:
    """A story that begins on Wednesday 2026-03-18 at 10:00; at its end the journal must verify."""
    with time_machine.travel(datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI), tick=False) as clock:
        yield Story(world, clock)
    assert verify().broken is None
