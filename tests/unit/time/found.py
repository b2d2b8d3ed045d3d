"""Walks that once showed a fault, cut to the steps that they need."""

from tests.support.oracle.walks import Step, Walk

FOUND = [
    # An extension of a limit on the clock is counted in working days: a correction of the calendar moves it.
    Walk("2026-02-14T09:15", "tracking", "30min", (Step(344, "extend", "a", 3), Step(1324, "calendar", "", [-3, 1]))),
    Walk("2026-09-30T11:59", "tracking", "3d", (Step(731, "extend", "a", 5), Step(1158, "calendar", "", [2, 9]))),
    # A calendar that is corrected while a matter has joined another counts when it is taken out.
    Walk(
        "2026-12-29T16:00",
        "respond",
        "5wd",
        (Step(90, "join", "c", "b"), Step(624, "calendar", "", ["due", 0]), Step(65, "leave", "c", "b")),
    ),
]
