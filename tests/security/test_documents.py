"""H6: a stranger's document costs bounded time and memory of a process of its own, and only where the form is right."""

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from subprocess import run
from tempfile import TemporaryFile
from typing import IO, Any

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from common.clock import SHANGHAI
from files import checks
from files.checks import documents, examine
from files.errors import FileRefused
from files.limits import MOST_MEMORY, MOST_SECONDS
from files.models import StoredFile
from tests.support import hostile_files as made
from tests.support.cast import PHONE, World

AT = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)


@cache
def slow() -> bytes:
    """Takes longer than it may."""
    return made.pdf(*[b"<</A[[[]]]/B<<>>>>"] * 200_000)


def document(name: str, content: bytes) -> "SimpleUploadedFile":
    return SimpleUploadedFile(name, content, "application/pdf")


def examiners() -> list[psutil.Process]:
    """The processes that look at a document for this one, dead ones that nobody waited for too."""
    return [one for one in psutil.Process().children() if one.status() == psutil.STATUS_ZOMBIE or _looks(one)]


def _looks(process: psutil.Process) -> bool:
    try:
        return "files.examiner" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def under_way() -> Iterator[tuple[psutil.Process, list[Exception], threading.Thread]]:
    """An examination that goes on: its process, where its refusal will be, and who waits for it."""
    refused: list[Exception] = []

    def look() -> None:
        try:
            examine(document("合同.pdf", slow()), at=AT)
        except FileRefused as error:
            refused.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    until = time.monotonic() + 60
    while not (found := examiners()) and time.monotonic() < until:
        os.sched_yield()
    yield found[0], refused, thread
    with suppress(psutil.NoSuchProcess):
        found[0].kill()
    thread.join()


def test_killing_it_refuses_the_file_and_harms_nothing(
    under_way: tuple[psutil.Process, list[Exception], threading.Thread],
) -> None:
    process, refused, thread = under_way
    process.send_signal(signal.SIGKILL)
    thread.join()
    assert examiners() == []
    for language, words in (("zh-hans", "无法检查"), ("en", "cannot be checked")):
        with translation.override(language):
            assert words in str(refused[0])
    assert examine(document("a.pdf", made.pdf()), at=AT).format == "pdf"


def test_it_is_told_nothing_and_may_take_little(
    under_way: tuple[psutil.Process, list[Exception], threading.Thread],
) -> None:
    process, _refused, _thread = under_way
    assert process.environ() == {}
    until = time.monotonic() + 60
    while process.rlimit(psutil.RLIMIT_FSIZE)[0] != 0 and time.monotonic() < until:
        os.sched_yield()
    assert process.rlimit(psutil.RLIMIT_CPU) == (MOST_SECONDS, MOST_SECONDS)
    assert process.rlimit(psutil.RLIMIT_AS) == (MOST_MEMORY, MOST_MEMORY)
    assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)


@pytest.mark.long
def test_time_is_up_and_it_is_gone() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(FileRefused):
        examine(document("a.pdf", slow()), at=AT)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < MOST_SECONDS + 1
    assert examiners() == []


_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
sys.stdout.buffer.write(done.stdout)
print("\\n%d" % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, end="")
"""
"""Runs a command, says what it took: a process begins with the memory of who started it, here of a small one."""


def test_gigabytes_are_never_unpacked() -> None:
    with TemporaryFile() as file:
        file.write(made.HOSTILE["pdf-unpacks-to-gigabytes"].content)
        file.seek(0)
        command = [sys.executable, "-c", _MEASURED, *documents.COMMAND, "pdf"]
        done = run(command, stdin=file, capture_output=True, check=True)
    answer, _line, most = done.stdout.rpartition(b"\n")
    assert answer in (b"", b'{"refused": "hidden"}')
    assert int(most) * 1024 < MOST_MEMORY


def test_many_at_once_leave_threads_for_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_PATIENCE", 0.01)
    held = [documents._EXAMINING.acquire(timeout=0) for _ in range(2)]
    try:
        with translation.override("zh-hans"), pytest.raises(FileRefused, match="太多"):
            examine(document("a.pdf", made.pdf()), at=AT)
    finally:
        for _ in held:
            documents._EXAMINING.release()
    assert held == [True, True]
    assert examine(document("a.pdf", made.pdf()), at=AT).format == "pdf"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents that were looked at."""
    found: list[str] = []
    look = documents.check

    def told(stream: IO[bytes], format_: str, at: datetime) -> dict[str, Any]:
        found.append(format_)
        return look(stream, format_, at)

    monkeypatch.setitem(checks._CHECKS, "pdf", told)
    return found


@pytest.mark.parametrize("wrong", [{"description": ""}, {"contact_phone": "12"}, {"community": ""}])
def test_a_report_is_read_before_its_documents(world: World, asked: list[str], wrong: dict[str, str]) -> None:
    right = {
        "description": "三栋楼道灯不亮",
        "community": str(world.communities["dade"].pk),
        "contact_phone": "19900001234",
        "idempotency_key": "form-12345678",
    }
    answer = Client().post("/report/", {**right, **wrong, "photos": document("合同.pdf", made.pdf())})
    assert answer.status_code == 400
    assert "合同.pdf" in answer.content.decode()
    assert (asked, StoredFile.objects.count()) == ([], 0)
    assert Client().post("/report/", {**right, "photos": document("合同.pdf", made.pdf())}).status_code == 302
    assert (asked, StoredFile.objects.count()) == (["pdf"], 1)


@pytest.mark.parametrize("tail", ["", "12", "13900000000"])
def test_whoever_is_not_proven_has_no_document_looked_at(world: World, asked: list[str], tail: str) -> None:
    issue = world.make_issue("in_progress")
    sent = {"note": "看附件", "phone_tail": tail, "idempotency_key": "form-12345678"}
    url = f"/t/{issue.token}/comment/"
    answer = Client().post(url, {**sent, "photos": document("合同.pdf", made.pdf())})
    assert answer.status_code == 400
    assert "合同.pdf" in answer.content.decode()
    assert asked == []
    done = Client().post(url, {**sent, "phone_tail": PHONE, "photos": document("合同.pdf", made.pdf())})
    assert (done.status_code, asked) == (302, ["pdf"])


def test_an_upload_by_the_api_without_a_proof_is_not_looked_at(world: World, asked: list[str]) -> None:
    issue = world.make_issue("in_progress")
    url = f"/api/v1/public/t/{issue.token}/attachments/"
    assert Client().post(url, {"phone": "13900000000", "file": document("a.pdf", made.pdf())}).status_code in (
        400,
        403,
        404,
    )
    assert asked == []
