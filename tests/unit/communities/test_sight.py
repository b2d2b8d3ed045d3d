"""Who sees which rows is asked once a person, however many rows there are."""

from collections.abc import Collection

from communities.access import Access
from communities.sight import SeenByScope


def test_each_person_is_asked_about_once() -> None:
    asked: list[tuple[Access, list[int]]] = []

    def seen(access: Access, ids: Collection[int]) -> set[int]:
        asked.append((access, list(ids)))
        return {pk for pk in ids if pk % 2 == (access.user_id or 0)}

    odd, even = (Access(user_id=user_id, roles=frozenset()) for user_id in (1, 0))
    sight = SeenByScope([1, 2, 3], seen)
    assert [[sight.shows(person, pk) for pk in (1, 2, 3, 4)] for person in (odd, even)] == [
        [True, False, True, False],
        [False, True, False, False],
    ]
    assert asked == [(odd, [1, 2, 3]), (even, [1, 2, 3])]
