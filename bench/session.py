"""Measures one database (DATABASE_URL): ``python -m bench.session list create``. Exit 3 where a bound was missed."""

import sys

import django


def main() -> int:
    """Run the measures that the command line names, in its order."""
    django.setup()
    from bench.measures import acting, creating, mailing, meeting, nudging, reading, sweeping
    from bench.people import gather
    from bench.server import gunicorn

    measures = reading.MEASURES | {
        "create": creating.measure_create,
        "actions": acting.measure_actions,
        "nudge": nudging.measure_nudge,
        "meetings": meeting.measure_meetings,
    }
    wanted = sys.argv[1:]
    passed = True
    if "sweep" in wanted:
        passed &= sweeping.measure_sweep()
    if "mail" in wanted:
        passed &= mailing.measure_mail()
    with_server = [name for name in wanted if name not in ("sweep", "mail")]
    if with_server:
        people = gather()
        with gunicorn() as web:
            for name in with_server:
                passed &= measures[name](people, web)
    return 0 if passed else 3


if __name__ == "__main__":
    sys.exit(main())
