"""Closed sets of the files floor."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    """A photo is re-encoded and shown; a document is kept as it came and downloaded."""

    PHOTO = "photo", _("照片")
    DOCUMENT = "document", _("文件")


class FileState(models.TextChoices):
    """A document is ready at once, a photo once its sizes are made; ``failed`` is shown to nobody."""

    WAITING = "waiting", _("正在处理")
    READY = "ready", _("可以查看")
    FAILED = "failed", _("处理失败")


class Size(models.TextChoices):
    """What is asked for under a file's address: a document has one size, ``original``."""

    LARGE = "large", _("大图")
    SMALL = "small", _("缩略图")
    ORIGINAL = "original", _("原文件")


CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types of what is accepted, by format."""
