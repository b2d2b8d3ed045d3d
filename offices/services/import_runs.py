"""An office's workbook between its examination and its writing: kept on the server, so that it is chosen once.

It belongs to the person and the office, and what is written is what was examined, by its digest. A small one is worked
on within the request, a large one by the worker; nothing of it is left after an hour.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from common.sheets import SheetError, read_workbook
from communities.actors import Actor
from communities.models import SubDistrict
from journal.services import Entry, record
from offices.importing import ImportReport, load
from offices.kinds import OFFICE
from offices.models import ImportRun, ImportState
from offices.services.errors import NotAdministered, ReferenceChanged
from offices.services.references import may_administer
from reminders.nudge import publish

logger = logging.getLogger(__name__)

IMPORTED: Final = "office_imported"
KEPT: Final = timedelta(hours=1)
SMALL: Final = 500
"""Rows that a request waits for."""
MOST_ERRORS: Final = 100


def receive(*, office: SubDistrict, data: bytes, by: Actor, at: datetime) -> ImportRun:
    """Keep the workbook and examine it. Raises NotAdministered, SheetError."""
    if by.user is None or not may_administer(by, office.pk):
        raise NotAdministered(_("您不能修改这个街道的设置"))
    rows = sum(map(len, read_workbook(data).values()))
    ImportRun.objects.filter(user=by.user, subdistrict=office).delete()
    run = ImportRun.objects.create(
        subdistrict=office,
        user=by.user,
        content=data,
        digest=hashlib.sha256(data).hexdigest(),
        language=get_language() or "zh-hans",
        made_at=at,
        result={"rows": rows},
    )
    return _start(run, at)


def write(*, run: ImportRun, digest: str, at: datetime) -> ImportRun:
    """Write what was examined. Raises ReferenceChanged where it is another one, or is being written already."""
    waiting = ImportRun.objects.filter(pk=run.pk, digest=digest, state=ImportState.EXAMINED)
    if not waiting.update(state=ImportState.WAITING, writes=True):
        raise ReferenceChanged(_("请先检查这份表格"))
    run.refresh_from_db()
    return _start(run, at)


def find(*, pk: int, office: SubDistrict, by: Actor, at: datetime) -> ImportRun | None:
    """The own run for this office, as long as it is kept."""
    rows = ImportRun.objects.select_related("subdistrict", "user").filter(made_at__gt=at - KEPT)
    return rows.filter(pk=pk, subdistrict=office, user_id=by.user_id or 0).first()


def progress_of(run: ImportRun) -> int:
    """How many rows were worked on."""
    return int(cache.get(_key(run.pk)) or 0)


def _start(run: ImportRun, at: datetime) -> ImportRun:
    if run.result.get("rows", 0) <= SMALL:
        carry_out(run.pk, at)
        run.refresh_from_db()
    else:
        transaction.on_commit(_wake)
    return run


def _wake() -> None:
    from offices.tasks import imports

    publish(imports, "default")


def carry_out_waiting(at: datetime) -> int:
    """Work on what waits, drop what is too old; returns how many were worked on.

    One that cannot be worked on ends with words for its person and holds up no other one; its error is raised at last.
    """
    ImportRun.objects.filter(made_at__lte=at - KEPT).delete()
    waiting = ImportRun.objects.filter(state=ImportState.WAITING).order_by("pk").values_list("pk", "language")
    done, failed = 0, None
    for pk, language in list(waiting):
        try:
            done += carry_out(pk, at)
        except Exception as error:
            logger.exception("import run %s cannot be worked on", pk)
            with override(language):
                words = _("处理这份表格时出错，什么也没有写入。请重新上传；仍然出错请联系系统管理员")
            left = ImportRun.objects.filter(pk=pk, state=ImportState.WAITING)
            left.update(state=ImportState.WRONG, content=b"", result={"error": words})
            failed = error
    if failed is not None:
        raise failed
    return done


def carry_out(pk: int, at: datetime) -> bool:
    """Examine or write one workbook in one transaction with its state; False where somebody else works on it."""
    with transaction.atomic():
        rows = ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
        run = rows.select_related("subdistrict", "user").filter(pk=pk, state=ImportState.WAITING).first()
        if run is None:
            return False
        with override(run.language):
            run.state, result = _result(run, at)
        run.result = run.result | result
        if run.state != ImportState.EXAMINED:
            run.content = b""
        run.save(update_fields=["state", "result", "content"])
    return True


def _result(run: ImportRun, at: datetime) -> tuple[ImportState, dict[str, Any]]:
    by, tell = Actor.staff(run.user), partial(cache.set, _key(run.pk), timeout=KEPT.seconds)
    large = run.result.get("rows", 0) > SMALL
    try:
        report = load(
            read_workbook(bytes(run.content)),
            by=by,
            at=at,
            dry_run=not run.writes,
            office=run.subdistrict,
            progress=tell if large else None,
        )
    except SheetError as error:
        return ImportState.WRONG, {"error": error.message}
    if report.errors:
        lines = [str(wrong) for wrong in report.errors[:MOST_ERRORS]]
        return ImportState.WRONG, {"errors": lines, "number": len(report.errors)}
    if run.writes:
        _note(run, report, by, at)
    invited = [user.pk for user in report.invited]
    state = ImportState.WRITTEN if run.writes else ImportState.EXAMINED
    return state, {"counts": {code: dict(counts) for code, counts in report.counts.items()}, "invited": invited}


def _note(run: ImportRun, report: ImportReport, by: Actor, at: datetime) -> None:
    record(
        Entry(
            subject_kind=OFFICE.code,
            subject_id=run.subdistrict_id,
            kind=IMPORTED,
            at=at,
            actor_id=by.user_id,
            actor_role=by.role,
            data={"digest": run.digest[:16], "counts": {code: dict(counts) for code, counts in report.counts.items()}},
        )
    )


def _key(pk: int) -> str:
    return f"office-import:{pk}"
