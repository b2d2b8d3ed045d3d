"""The journal: what happened, append-only and hash-chained per subject.

A row holds codes, ids, numbers and dates. Free text lives in EventText, which can be redacted; the row keeps the
text's salted digest. The database trigger of migration 0001 assigns ``seq``, ``prev_hash`` and ``hash`` and refuses
UPDATE and DELETE.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Coalesce

from common.fields import EncryptedBytesField


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of the journal."""

    def of(self, subject_kind: str, subject_id: int) -> "EventQuerySet":
        """The events of one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def of_kinds(self, kinds: Iterable[str]) -> "EventQuerySet":
        """Only events of these kinds."""
        return self.filter(kind__in=list(kinds))

    def version(self) -> int:
        """The place of the last of these events of one subject; 0 where there is none.

        Whoever opened the subject at another one writes over what they have not seen.
        """
        return self.order_by("-seq").values_list("seq", flat=True).first() or 0


class Event(models.Model):
    """One thing that happened to one subject."""

    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    actor_role = models.CharField(max_length=16)
    visible = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    prev_hash = models.BinaryField()
    hash = models.BinaryField()

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "seq"], name="journal_event_chain"),
        ]
        indexes = [
            # 审计 (offices.audit): a period, of everything, of one person, of one kind
            models.Index(fields=["at", "id"], name="journal_audit_all"),
            models.Index(fields=["actor", "at", "id"], name="journal_audit_actor"),
            models.Index(fields=["kind", "at", "id"], name="journal_audit_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}#{self.seq} {self.kind}"

    def text(self, key: str) -> str:
        """The free text stored under ``key``, "" where there is none or it was redacted (texts must be loaded)."""
        return next((row.text for row in self.texts_plain.all() if row.key == key), "")

    def value(self, key: str, default: Any = None) -> Any:
        """One entry of ``data``."""
        return self.data.get(key, default)


class EventText(models.Model):
    """Free text of an event, encrypted. Redaction empties it and ``salt``; nothing else may change.

    ``before`` holds it plain in rows from before the encryption, until ``rotate_personal_data``; nobody else reads it.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="texts_plain")
    key = models.CharField(max_length=40)
    text = EncryptedBytesField(db_column="body", null=True, before="text")
    before = models.TextField(db_column="text", blank=True, default="", db_default="")
    salt = models.CharField(max_length=32)

    class Meta:
        db_table = "journal_text"
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="journal_text_once")]

    def __str__(self) -> str:
        return f"{self.event_id}.{self.key}"


STORED: Final = Func(
    Coalesce(
        F("text"),
        Func(F("before"), Value("UTF8"), function="convert_to"),
        output_field=models.BinaryField(),
    ),
    Value("base64"),
    function="encode",
    output_field=models.TextField(),
)
"""A text as it is stored, base64, for JSON; ``common.fields.text_of`` reads the bytes."""


class Chain(models.Model):
    """The head of one subject's chain: finds a removed last row, and orders concurrent writers."""

    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    seq = models.IntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="journal_chain_subject")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} at {self.seq}"


class Pending(models.Model):
    """An event that a reader has not yet worked off; deleted in the transaction that writes the reader's result."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    reader = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "event"], name="journal_pending_once")]

    def __str__(self) -> str:
        return f"{self.reader} ← {self.event_id}"


class JournalSeal(models.Model):
    """The digest of all events up to one of them; ``sent_at``: since when it also stands outside the database."""

    at = models.DateTimeField()
    through = models.BigIntegerField(unique=True)
    events = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "journal_seal"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} through event {self.through}"
