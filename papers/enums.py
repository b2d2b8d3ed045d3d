"""Closed sets of the documents of supervision (docs/rules/supervision.md#papers)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class DraftKind(models.TextChoices):
    """Documents that somebody signs, the gravest last."""

    ORDER = "order", _("督办单")
    YELLOW_CARD = "yellow_card", _("黄牌警示")
    RED_CARD = "red_card", _("红牌通报")


class DraftState(models.TextChoices):
    """How a draft stands, by the codes of requests. ``lapsed``: it was not needed any more before anybody signed."""

    OPEN = "open", _("待签发")
    SIGNED = "granted", _("已签发")
    REFUSED = "refused", _("不予签发")
    LAPSED = "lapsed", _("已失效")


class PaperKind(models.TextChoices):
    """Numbered papers: an urge when it goes out, a document when it is signed."""

    URGE = "urge", _("催办单")
    ORDER = "order", _("督办单")
    YELLOW_CARD = "yellow_card", _("黄牌警示")
    RED_CARD = "red_card", _("红牌通报")


CARDS: Final = (DraftKind.YELLOW_CARD, DraftKind.RED_CARD)
