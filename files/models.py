"""A stored file and whom it belongs to."""

from collections.abc import Iterable
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models.base import in_choices
from files.enums import FileKind, FileState


def new_public_id() -> str:
    """A name for the address of a file: 122 random bits, as hex."""
    return uuid4().hex


class FileQuerySet(models.QuerySet["StoredFile"]):
    """Reads of files."""

    def of(self, owner_kind: str, owner_id: int) -> "FileQuerySet":
        """The files of one owner."""
        return self.filter(owner_kind=owner_kind, owner_id=owner_id)

    def of_many(self, owner_kind: str, owner_ids: Iterable[int]) -> "FileQuerySet":
        """The files of several owners of one kind."""
        return self.filter(owner_kind=owner_kind, owner_id__in=list(owner_ids))

    def in_order(self) -> "FileQuerySet":
        """As they came."""
        return self.order_by("id")


class StoredFile(models.Model):
    """One file that somebody sent. Its owner is (kind, id), as the subject of a deadline is (docs/adr/0002).

    ``owner_kind`` is "" until a form claims the upload. ``original``, ``large`` and ``small`` are names within the
    storage; a photo's original is gone once its sizes are made, a document has only its original. ``taken_at`` comes
    from the camera and is what it claims; ``received_at`` is ours. ``uploaded_by`` is empty for a resident.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id)
    subdistrict = models.ForeignKey(
        "communities.SubDistrict", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    owner_kind = models.CharField(max_length=32, blank=True, default="")
    owner_id = models.BigIntegerField(null=True)
    kind = models.CharField(_("种类"), max_length=8, choices=FileKind.choices)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.BigIntegerField(help_text="bytes as uploaded")
    sha256 = models.CharField(max_length=64)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=FileState.choices)
    original = models.CharField(max_length=120, blank=True, default="")
    large = models.CharField(max_length=120, blank=True, default="")
    small = models.CharField(max_length=120, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, help_text="since when a worker has been making its sizes")

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", FileKind, "files_kind"),
            in_choices("state", FileState, "files_state"),
            models.CheckConstraint(
                condition=Q(owner_kind="", owner_id__isnull=True) | (~Q(owner_kind="") & Q(owner_id__isnull=False)),
                name="files_owner_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind="document", width__isnull=True, height__isnull=True)
                | Q(kind="photo", width__gt=0, height__gt=0),
                name="files_photo_has_a_size",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(kind="document", large="", small="") | (~Q(large="") & ~Q(small="")),
                name="files_ready_has_its_sizes",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="files_size"),
        ]
        indexes = [
            # Read by FileQuerySet.of and of_many: an issue's page, its API and every action on it.
            models.Index(fields=["owner_kind", "owner_id"], name="files_by_owner"),
            # Read by processing.prepare_waiting: photos whose sizes are still to be made, oldest first.
            models.Index(fields=["id"], condition=Q(state="waiting"), name="files_waiting"),
            # Read by processing.remove_originals: photos that need their original no more.
            models.Index(
                fields=["id"],
                condition=Q(kind="photo") & ~Q(state="waiting") & ~Q(original=""),
                name="files_originals_to_go",
            ),
            # Read by processing.forget_unclaimed: uploads that no form came back for.
            models.Index(fields=["received_at"], condition=Q(owner_kind=""), name="files_unclaimed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def is_photo(self) -> bool:
        """Whether it is shown as a picture."""
        return self.kind == FileKind.PHOTO

    @property
    def is_ready(self) -> bool:
        """Whether it may be served."""
        return self.state == FileState.READY
