"""What is promised."""

from commitments.models.parts import CoOwner, DateChange, Milestone  # isort: skip - read by the querysets of the next
from commitments.models.commitment import Commitment

__all__ = ["CoOwner", "Commitment", "DateChange", "Milestone"]
