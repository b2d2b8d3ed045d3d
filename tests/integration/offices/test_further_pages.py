"""Lists of an administrator go on behind their first page, whatever they are sorted by."""

from collections.abc import Callable

import pytest
from django.test import Client

from console.offices import people, references
from offices.kinds import KINDS
from tests.support.cast import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SignIn = Callable[[str], Client]


def walked(client: Client, url: str) -> list[str]:
    """The addresses of all rows, page by page."""
    found: list[str] = []
    for _page in range(200):
        page = client.get(url)
        assert page.status_code == 200, url
        found += [row.url for row in page.context["rows"]]
        pager = page.context["pager"]
        if not pager.next_url:
            return found
        url = pager.next_url
    raise AssertionError("it never ends")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_row_of_a_kind_is_on_one_page(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(references, "PAGE_SIZE", 2)
    rows = walked(signed_in("admin"), f"/console/admin/office/{kind}/")
    there = KINDS[kind].rows_of(world.area).filter(retired_at__isnull=True).count()
    assert (len(rows), len(set(rows))) == (there, there)


def test_everybody_is_on_one_page(world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAGE_SIZE", 3)
    rows = walked(signed_in("admin"), "/console/admin/people/")
    assert len(rows) == len(set(rows)) > 6


@pytest.mark.parametrize("cursor", ["WyIiXQ", "WzEsMl0", "WyJcdTAwMDAiLDFd", "WyJhIiwiYiJd", "e30", "%00"])
def test_a_forged_place_is_refused(world: World, signed_in: SignIn, cursor: str) -> None:
    assert signed_in("admin").get("/console/admin/people/", {"cursor": cursor}).status_code == 400
