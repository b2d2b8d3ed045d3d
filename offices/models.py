"""What is kept about the rows that an office consists of."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from communities.models.base import Retirable


class RowSeal(models.Model):
    """A keyed digest of one reference row as the services last wrote it; see offices.sealing."""

    kind = models.CharField(max_length=32)
    row_id = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="offices_seal_once")]

    def __str__(self) -> str:
        return f"seal of {self.kind} {self.row_id}"


class TextUse(models.TextChoices):
    """Of which action a text is: its code, and what the action is called."""

    REPLY = "reply", _("答复")
    PROGRESS = "progress", _("办理进展")
    SUSPENSION = "request_suspension", _("申请挂账")
    ANSWER_NOW = "answer_now", _("即时办结")
    REQUEST_INFO = "request_info", _("要求补充")
    REJECT = "reject", _("不予受理")


class TextModule(Retirable):
    """常用语: a text to start from, one person's own, or an office's; of the office's for one organisation or for all.

    Without a ``use`` it is offered wherever residents read what is written.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subdistrict = models.ForeignKey(
        "communities.SubDistrict", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    department = models.ForeignKey(
        "communities.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    use = models.CharField(max_length=24, choices=TextUse.choices, blank=True, default="")
    label = models.CharField(max_length=20)
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(use__in=["", *TextUse.values]), name="offices_text_use"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, subdistrict__isnull=True, department__isnull=True)
                | Q(user__isnull=True, subdistrict__isnull=False),
                name="offices_text_one_owner",
            ),
        ]
        indexes = [
            # read for the panel of an action: offices.texts.offered
            models.Index(fields=["user"], condition=Q(retired_at__isnull=True), name="offices_text_of_person"),
            models.Index(fields=["subdistrict"], condition=Q(retired_at__isnull=True), name="offices_text_of_office"),
        ]

    def __str__(self) -> str:
        return f"text {self.pk}"

    @property
    def name(self) -> str:
        """What it is called, as of any row of an office."""
        return self.label


class ImportState(models.TextChoices):
    """How far a workbook is."""

    WAITING = "waiting", _("正在处理")
    EXAMINED = "examined", _("已检查，还没有写入")
    WRONG = "wrong", _("有误，什么也没有写入")
    WRITTEN = "written", _("已导入")


class ImportRun(models.Model):
    """A workbook that one person brings for one office: examined first, written when they say so.

    ``writes``: it is to be written, else only tried. ``result`` says what it would do, or did. The content goes when it
    is written, the row after an hour.
    """

    subdistrict = models.ForeignKey(
        "communities.SubDistrict", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.WAITING)
    writes = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=ImportState.values), name="offices_import_state")]

    def __str__(self) -> str:
        return f"import {self.pk}: {self.state}"
