"""The Celery application: queues, routes and the schedule, all in code.

The schedule polls; nothing is ever sent with a long ETA. What a poll finds is decided by the database, so a task that
is lost with Redis or run twice changes nothing.
"""

import os
from typing import Final

from celery import Celery
from celery.schedules import crontab
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "govtrack.settings")

DEFAULT, DELIVERY, HEARTBEAT = "default", "delivery", "heartbeat"
SWEEP_SECONDS: Final = 60.0
FAN_OUT_SECONDS: Final = 15.0
DELIVERY_SECONDS: Final = 15.0
PHOTO_SECONDS: Final = 60.0
RECOUNT_SECONDS: Final = 60.0
IMPORT_SECONDS: Final = 60.0

app = Celery("govtrack")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = tuple(Queue(name) for name in (DEFAULT, DELIVERY, HEARTBEAT))
app.conf.task_create_missing_queues = False
app.conf.task_routes = {
    "reminders.deliver": {"queue": DELIVERY},
    "reminders.deliver_channel": {"queue": DELIVERY},
    "reminders.*": {"queue": DEFAULT},
}
app.conf.beat_schedule = {
    "sweep": {
        "task": "reminders.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"queue": DEFAULT, "expires": SWEEP_SECONDS},
    },
    "replan": {
        "task": "reminders.replan",
        "schedule": SWEEP_SECONDS,
        "options": {"queue": DEFAULT, "expires": SWEEP_SECONDS},
    },
    "fan-out": {
        "task": "reminders.fan_out",
        "schedule": FAN_OUT_SECONDS,
        "options": {"queue": DEFAULT, "expires": FAN_OUT_SECONDS * 2},
    },
    "deliver": {
        "task": "reminders.deliver",
        "schedule": DELIVERY_SECONDS,
        "options": {"queue": DELIVERY, "expires": DELIVERY_SECONDS * 2},
    },
    "recount": {
        "task": "reminders.recount",
        "schedule": RECOUNT_SECONDS,
        "options": {"queue": DEFAULT, "expires": RECOUNT_SECONDS},
    },
    "shift-alarm": {
        "task": "reminders.shift_alarm",
        "schedule": crontab(hour=17, minute="0,20,40"),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "prepare-files": {
        "task": "files.prepare",
        "schedule": PHOTO_SECONDS,
        "options": {"queue": DEFAULT, "expires": PHOTO_SECONDS},
    },
    "clean-files": {
        "task": "files.clean",
        "schedule": crontab(hour=4, minute=37),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "clean-door": {
        "task": "door.clean",
        "schedule": crontab(minute=23),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "seal-journal": {
        "task": "journal.seal",
        "schedule": crontab(hour="4,5", minute=47),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "compare-references": {
        "task": "offices.compare",
        "schedule": crontab(hour=4, minute=7),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "clean-accounts": {
        "task": "accounts.clean",
        "schedule": crontab(hour=4, minute=27),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "mask-ended": {
        "task": "privacy.retain",
        "schedule": crontab(hour="1-3", minute="*/2"),
        "options": {"queue": DEFAULT, "expires": 120},
    },
    "plan-meetings": {
        "task": "meetings.plan",
        "schedule": crontab(hour=5, minute=17),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
    "import-offices": {
        "task": "offices.imports",
        "schedule": IMPORT_SECONDS,
        "options": {"queue": DEFAULT, "expires": IMPORT_SECONDS},
    },
    "clean-api": {
        "task": "api.clean",
        "schedule": crontab(hour=4, minute=17),
        "options": {"queue": DEFAULT, "expires": 3600},
    },
}
app.autodiscover_tasks()
