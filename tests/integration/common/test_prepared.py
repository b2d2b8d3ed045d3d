"""A prepared queryset gives what the queryset gives."""

from django.db.models import F

from accounts.models import User
from common.prepared import Prepared, PreparedByKey, attach
from communities.models import Membership
from tests.integration.statements.test_bounds import statements
from tests.support.cast import World

OF_COMMUNITY: Prepared[Membership] = Prepared(
    lambda pk, role: (
        Membership.objects.select_related("user", "community")
        .defer("user__email")
        .filter(community_id=pk, role=role)
        .order_by("id")
    ),
    -2,
    "a role",
)


def test_the_same_rows_by_one_statement(world: World) -> None:
    for key in ("xiadong", "dade", "xiadong"):
        community = world.communities[key]
        with statements() as found:
            rows = OF_COMMUNITY(community.pk, "clerk")
            names = [(row.user.username, row.community.name_zh if row.community else "") for row in rows]
        assert len(found) == 1
        expected = Membership.objects.filter(community=community, role="clerk").order_by("id")
        assert rows == list(expected)
        assert names == [(row.user.username, community.name_zh) for row in expected]


def test_what_was_deferred_is_still_there(world: World) -> None:
    row = OF_COMMUNITY(world.communities["xiadong"].pk, "clerk")[0]
    assert row.user.email == "clerk@example.org"


def test_no_row_and_no_relation(world: World) -> None:
    assert OF_COMMUNITY(0, "clerk") == []
    optional: Prepared[Membership] = Prepared(
        lambda pk: Membership.objects.select_related("department").filter(user_id=pk), -2
    )
    row = optional(world.people["clerk"].pk)[0]
    with statements() as found:
        assert row.department is None
    assert found == []


def test_what_was_annotated_comes_with_the_row(world: World) -> None:
    named: Prepared[Membership] = Prepared(
        lambda pk: (
            Membership.objects.filter(user_id=pk).annotate(login=F("user__username")).select_related("community")
        ),
        -2,
    )
    row = named(world.people["clerk"].pk)[0]
    assert row.login == "clerk"  # type: ignore[attr-defined]
    assert row.community == world.communities["xiadong"]


def test_attached_rows_need_no_statement(world: World) -> None:
    user = User.objects.get(username="clerk")
    mine = list(Membership.objects.filter(user=user))
    attach(user, "memberships", mine)
    with statements() as found:
        assert list(user.memberships.all()) == mine
    assert found == []


def test_one_plan_for_each_key(world: World) -> None:
    """Nothing of one key is answered for another; where nothing can be found nothing is asked."""
    kept = PreparedByKey(2)

    def of(name: str) -> list[str]:
        rows = User.objects.filter(username=name).only("username")
        return [row.username for row in kept(name, lambda: rows)]

    for _again in range(2):
        assert [of(name) for name in ("clerk", "officer", "head")] == [["clerk"], ["officer"], ["head"]]
    with statements() as found:
        assert kept("none", lambda: User.objects.filter(pk__in=[])) == []
        assert kept("none", lambda: User.objects.filter(pk__in=[])) == []
    assert found == []
