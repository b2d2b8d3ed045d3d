"""The rows that the API builds by hand name exactly the fields of the shapes that describe them (api.schemas)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from rest_framework import serializers

from api import schemas
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, PHONE, World

EARLIER = NOW - timedelta(hours=1)


def unlike(answer: Any, shape: serializers.BaseSerializer[Any], path: str = "") -> Iterator[str]:
    """Where an answer lacks a field of the shape, or has one that the shape does not know."""
    if isinstance(shape, serializers.ListSerializer):
        assert isinstance(shape.child, serializers.Serializer)
        for row in answer:
            yield from unlike(row, shape.child, path)
        return
    assert isinstance(shape, serializers.Serializer)
    fields = shape.get_fields()
    yield from (f"{path}{name} is told and not described" for name in answer.keys() - fields.keys())
    yield from (f"{path}{name} is described and not told" for name in fields.keys() - answer.keys())
    for name, field in fields.items():
        if isinstance(field, serializers.BaseSerializer) and answer.get(name) is not None:
            yield from unlike(answer[name], field, f"{path}{name}.")


@pytest.mark.usefixtures("frozen")
def test_rows_and_the_shapes_that_describe_them(world: World, caller: Callable[[str], Caller]) -> None:
    master = world.make_issue("in_progress", at=EARLIER)
    joined = world.make_issue("submitted", at=EARLIER)
    world.act(joined, "merge", "clerk", EARLIER, master=master.number)
    world.act(master, "add_department", "officer", EARLIER, department="WATER")
    world.act(master, "request_extension", "officer", EARLIER, days=2, reason="等配件")
    world.act(master, "urge", "supervisor", EARLIER, note="请速办")
    world.act(master, "supervise", "supervisor", EARLIER, kind="order", note="请速办")
    world.act(master, "sign", "deputy", EARLIER, kind="order")
    supervisor = caller("supervisor")
    detail = supervisor.get(f"issues/{master.number}/").json()
    for part in ("joined", "requests", "papers", "holdings", "deadlines", "departments", "available_actions"):
        assert detail[part], part
    found = [*unlike(detail, schemas.IssueDetail())]
    found += unlike(supervisor.get("issues/").json(), schemas.IssuePage())
    found += unlike(supervisor.get(f"issues/{master.number}/events/").json(), schemas.EventPage())
    assert found == []


@pytest.mark.usefixtures("frozen")
def test_what_a_resident_is_told_and_the_shapes_that_describe_it(world: World) -> None:
    issue = world.make_issue("replied", at=EARLIER)
    resident = Caller()
    standing = resident.post("public/issues/lookup/", {"number": issue.number, "phone_tail": PHONE[-4:]}).json()
    matter = resident.get(f"public/t/{issue.token}/").json()
    assert [*unlike(standing, schemas.Standing()), *unlike(matter, schemas.ResidentMatter())] == []
