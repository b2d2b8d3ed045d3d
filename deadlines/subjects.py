"""The subjects of deadlines are (kind, id) pairs; this finds rows whose subject is gone. See docs/adr/0002."""

from django.apps import apps
from django.db.models import Exists, OuterRef

from deadlines.models import Deadline

_tables: dict[str, str] = {}


def register(subject_kind: str, model_label: str) -> None:
    """Say which model the subjects of this kind live in. The floor that owns them calls it in ``AppConfig.ready()``."""
    _tables[subject_kind] = model_label


def orphans(limit: int = 100) -> list[Deadline]:
    """Up to ``limit`` deadlines whose subject does not exist, or whose kind of subject nobody registered."""
    found = list(Deadline.objects.exclude(subject_kind__in=_tables).order_by("id")[:limit])
    for kind, label in _tables.items():
        subjects = apps.get_model(label)._default_manager.filter(pk=OuterRef("subject_id"))
        rows = Deadline.objects.filter(~Exists(subjects), subject_kind=kind)
        found += rows.order_by("id")[: max(0, limit - len(found))]
    return found
