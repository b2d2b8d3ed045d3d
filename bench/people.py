"""Who asks: the demonstration's accounts, and twins of them enough that nobody is throttled."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

from accounts.models import User, issue_token
from accounts.roles import Role
from common.clock import now
from communities.models import Category, Community, Membership

TWINS = 40
"""Each twin has 20 requests a second (docs/api.md): together more than two cores answer."""
READERS = ("clerk", "officer", "supervisor")


@dataclass(frozen=True)
class People:
    """Tokens of the readers' twins, who have the reader's memberships, and of all communities' own clerks."""

    tokens: dict[str, list[str]]
    creators: list[str]
    community: Community
    category: Category
    greenery: Category

    def turns(self, reader: str, count: int = TWINS) -> list[str]:
        """``count`` tokens of the reader's twins, in turn."""
        return list(islice(cycle(self.tokens[reader]), count))


def gather() -> People:
    """Find or make them."""
    community = Community.objects.get(name_zh="夏东社区")
    at = now()
    return People(
        tokens={
            reader: [issue_token(user=user, at=at) for user in _twins(User.objects.get(username=reader))]
            for reader in READERS
        },
        creators=[issue_token(user=user, at=at) for user in _clerks()],
        community=community,
        category=Category.objects.get(subdistrict_id=community.subdistrict_id, code="0301"),
        greenery=Category.objects.get(subdistrict_id=community.subdistrict_id, code="0202"),
    )


def dismiss_twins() -> None:
    """End the twins' memberships, so that as many people are told of a new matter as work in a community."""
    Membership.objects.filter(user__username__startswith="bench-").update(ended_at=now())


def _clerks() -> list[User]:
    """One or more clerks of every community: who logs matters without adding readers to any of them."""
    return list(
        User.objects.filter(memberships__role=Role.CLERK.value, memberships__ended_at__isnull=True)
        .exclude(username__startswith="bench-")
        .distinct()
    )


def _twins(reader: User) -> Iterator[User]:
    held = Membership.objects.filter(user=reader, ended_at__isnull=True)
    for number in range(TWINS):
        user, new = User.objects.get_or_create(
            username=f"bench-{reader.username}-{number:02d}", defaults={"display_name": "压测员", "password": "!"}
        )
        if not new:
            Membership.objects.filter(user=user).update(ended_at=None)
        else:
            for row in held:
                row.pk, row.user, row.receiving_desk = None, user, False
                row.save(force_insert=True)
        yield user
