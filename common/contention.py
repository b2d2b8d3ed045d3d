"""When two transactions want the same row, and the database lets one of them go."""

from django.db import OperationalError
from django.utils.translation import gettext_lazy as _
from psycopg2.errors import DeadlockDetected, LockNotAvailable

BUSY = _("正有他人处理同一事项，这次没有保存，请稍后再试")


def gave_way(error: BaseException) -> bool:
    """Whether a statement was ended in favour of another transaction: it waited past ``lock_timeout``, or a deadlock.

    Nothing of the transaction was written, and trying again helps.
    """
    return isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)
