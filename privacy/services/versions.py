"""What a record was when somebody opened it: nothing is written over what another person wrote meanwhile."""

from django.utils.translation import gettext as _

from journal.models import Event
from privacy.services.errors import RecordChanged


def version_of(kind: str, pk: int | None) -> int:
    """The record as it was last written; 0 where nothing was."""
    return Event.objects.of(kind, pk or 0).filter(kind__startswith=f"{kind}_").version()


def check_version(kind: str, pk: int | None, version: int | None) -> None:
    """Raises RecordChanged where the record is not as it was opened."""
    if version != version_of(kind, pk):
        raise RecordChanged(_("刚被别人修改，您填写的内容还在。请核对后再保存"))
