"""What was typed without a script, kept until it is sent: a day, for the browser that sent it.

docs/rules/residents.md#what-was-typed-is-not-lost has the rules. A draft comes only of a form that a person sent and
that was not taken. Who holds it is known by a random word that only their cookie has. With a script the phone itself is
the keeper, and nothing comes here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from common import limits
from common.crypto import keyed_digest
from door.models import KeptForm
from files.processing import forget_these

KEPT_FOR: Final = timedelta(hours=24)
MOST_SIGNS: Final = 12_000
"""Of one draft: what the fields of a report hold twice over. More stays in the page and is not kept."""
MOST_AT_ONCE: Final = 3
"""Forms of one kind under way in one browser: a tab each."""
PER_NETWORK: Final = limits.Tap("draft-network", 0.1, 60)
"""How often a network may have something kept: as a report is sent at most some times in a minute by a house."""


@dataclass(frozen=True)
class UnsentForm:
    """One form under way: its key, what was typed, the public ids of its photos, until when it is kept."""

    key: str
    values: Mapping[str, str]
    uploads: tuple[str, ...]
    kept_at: datetime
    until: datetime


def keep(*, holder: str, form: str, draft: UnsentForm, network: str) -> bool:
    """Keep ``draft`` in place of what stands under its key; whether it was kept."""
    content = json.dumps({"values": dict(draft.values), "uploads": list(draft.uploads)}, ensure_ascii=False)
    if len(content) > MOST_SIGNS or isinstance(PER_NETWORK.take(network), limits.Denied):
        return False
    mine = KeptForm.objects.filter(holder=keyed_digest(holder), form=form)
    KeptForm.objects.update_or_create(
        holder=keyed_digest(holder),
        form=form,
        key=draft.key,
        defaults={"content": content, "kept_at": draft.kept_at, "expires_at": draft.until},
    )
    newest = mine.order_by("-kept_at", "-pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    mine.exclude(pk__in=list(newest)).delete()
    return True


def has(*, holder: str, form: str, key: str) -> bool:
    """Whether this form lies here."""
    return KeptForm.objects.filter(holder=keyed_digest(holder), form=form, key=key).exists()


def find(*, holder: str, form: str, at: datetime, was_sent: Callable[[str], bool]) -> UnsentForm | None:
    """The newest draft of this form. One that was sent after all, from another tab or on another way, goes."""
    for row in KeptForm.objects.filter(holder=keyed_digest(holder), form=form, expires_at__gt=at).order_by(
        "-kept_at", "-pk"
    ):
        if not was_sent(row.key):
            content: dict[str, Any] = json.loads(row.content)
            return UnsentForm(row.key, content["values"], tuple(content["uploads"]), row.kept_at, row.expires_at)
        row.delete()
    return None


def forget(*, holder: str, form: str, key: str) -> None:
    """It was sent: its photos belong to what came of it."""
    KeptForm.objects.filter(holder=keyed_digest(holder), form=form, key=key).delete()


def throw_away(*, holder: str, form: str, key: str) -> None:
    """The person does not want it any more: words and photos go."""
    for row in KeptForm.objects.filter(holder=keyed_digest(holder), form=form, key=key):
        forget_these(json.loads(row.content)["uploads"])
        row.delete()


def purge(at: datetime) -> int:
    """Delete what is a day old; how many. Photos that nobody sent go with the other uploads of nobody."""
    return KeptForm.objects.filter(expires_at__lte=at).delete()[0]
