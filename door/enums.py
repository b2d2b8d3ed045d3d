"""What an office may keep out."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

BLOCK: Final = "door_block"
"""The subject of its events."""


class BlockKind(TextChoices):
    """By what a sender is known."""

    NETWORK = "network", _("网络地址")
    PHONE = "phone", _("手机号")
