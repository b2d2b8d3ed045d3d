"""Runs as a process of its own with the environment of the kill tests: migrations and a world full of what is due.

``python -m tests.kill.scenario build N`` makes N issues a month old whose clocks have all run out, and drains their
events; ``python -m tests.kill.scenario report`` logs one resident's matter now and prints its id and how long it took.
"""

import json
import os
import sys
import time
from datetime import timedelta


def build(count: int) -> dict[str, int]:
    """An installation after an outage: everything is due at once, and nothing waits in the journal."""
    from django.core.management import call_command

    from common.clock import now
    from deadlines.models import Deadline
    from journal.models import Pending
    from tests.support.cast import build_world

    call_command("migrate", verbosity=0, interactive=False)
    world = build_world()
    month_ago = now() - timedelta(days=30)
    for number in range(count):
        world.make_issue("in_progress" if number % 2 else "dispatched", at=month_ago + timedelta(seconds=number))
    Pending.objects.all().delete()
    due = Deadline.objects.filter(state="running", next_rung_at__lte=now())
    return {"issues": count, "due": due.count()}


def report() -> dict[str, float]:
    """A resident reports something, whatever is down, in a process that has served before: calendar, rules loaded.

    The best of three counts, the broker tried each time: the machine may be busy with other tests.
    """
    import kombu.transport.redis  # noqa: F401 - loaded by the first publication otherwise

    from common.clock import now
    from communities.models import Category, Community
    from deadlines.services import load_calendar, load_rules
    from issues.actors import Actor
    from issues.services.creation import NewIssue, create
    from reminders import nudge
    from reminders.reference import load_ladder

    community = Community.objects.get(name_zh="夏东社区")
    category = Category.objects.get(code="0402", subdistrict=community.subdistrict)
    draft = NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        category_id=category.pk,
        description="楼道灯不亮。",
        source="web",
        contact_phone="19900001234",
    )
    load_calendar()
    load_rules(community.subdistrict_id)
    load_ladder(community.subdistrict_id)
    for _attempt in range(3):
        nudge.listen_again()
        begun = time.monotonic()
        issue = create(draft=draft, by=Actor.resident(), at=now())
        seconds = time.monotonic() - begun
        if seconds < 1:
            break
    return {"issue": issue.pk, "seconds": seconds}


def main() -> None:
    """Set Django up and do one of the two."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "govtrack.settings"
    import django

    django.setup()
    done = build(int(sys.argv[2])) if sys.argv[1] == "build" else report()
    print(json.dumps(done))


if __name__ == "__main__":
    main()
