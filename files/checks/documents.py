"""Documents, looked at by a process of their own: what it does not survive is no document that is taken.

The process (files.examiner) has the document as its standard input, no environment and no database, and limits for
processor time and memory; it is waited for, and killed when its time is up. How many run at once is bounded, so that
documents never take the machine from everything else.
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final

from django.utils.translation import gettext_lazy as _

from files.errors import FileRefused
from files.examiner.flaws import Flaw
from files.examiner.heads import header_offset
from files.limits import MOST_WAIT

logger = logging.getLogger(__name__)

NOT_ACCEPTED: Final = _("不支持这种文件。可以上传照片（JPEG、PNG、WebP、HEIC）和文件（PDF、docx、xlsx）")
_WORDS: Final = {
    Flaw.BROKEN: _("文件不完整或已损坏，请重新保存后再上传"),
    Flaw.OTHER: NOT_ACCEPTED,
    Flaw.MORE: _("文件前后还有别的内容，请重新保存后再上传"),
    Flaw.LARGE: _("文件解压后过大，请删减后再上传"),
    Flaw.LOCKED: _("文件设有密码或使用限制，请去掉后再上传"),
    Flaw.PROGRAM: _("文件带有宏或内嵌程序，请另存为不含宏的 docx 或 xlsx 后再上传"),
    Flaw.FETCHES: _("文件打开时会从外部加载内容，请去掉外部模板或图片后再上传"),
    Flaw.ACTIVE: _("PDF 带有脚本、附件或自动执行的动作，请“打印为 PDF”后再上传"),
    Flaw.HIDDEN: _("文件无法检查（内容过大或过于复杂），请“打印为 PDF”后再上传"),
}
_BASE: Final = Path(__file__).resolve().parent.parent.parent
COMMAND: Final = (sys.executable, "-E", "-s", "-m", "files.examiner")
"""Looks at standard input; takes the format."""
_EXAMINING: Final = BoundedSemaphore(2)
"""So many documents at once in one process of the web: half of its threads, so that pages are answered meanwhile."""
_PATIENCE: Final = 2.0
"""Seconds that one more waits for its turn; it occupies a thread as long."""


def begins_as_pdf(head: bytes) -> bool:
    """Whether the first bytes are a PDF's, lines of a mail or a printer before it allowed."""
    return header_offset(head) is not None


def check(stream: IO[bytes], format_: str, at: datetime) -> dict[str, Any]:
    """Which format it is. Raises FileRefused."""
    answer = _examined(stream, format_)
    if "refused" in answer:
        raise FileRefused("", _WORDS[Flaw(answer["refused"])])
    return {"format": answer["format"]}


def _examined(stream: IO[bytes], format_: str) -> dict[str, str]:
    """What the process said. Raises FileRefused where it said nothing (killed, no memory, no time) or none is free."""
    if not _EXAMINING.acquire(timeout=_PATIENCE):
        raise FileRefused("", _("现在要检查的文件太多，请过一会儿再上传"))
    try:
        return _asked(stream, format_)
    finally:
        _EXAMINING.release()


def _asked(stream: IO[bytes], format_: str) -> dict[str, str]:
    with tempfile.TemporaryFile() as document:
        stream.seek(0)
        shutil.copyfileobj(stream, document)
        size = document.tell()
        document.seek(0)
        try:
            done = subprocess.run(
                [*COMMAND, format_],
                cwd=_BASE,
                env={},
                stdin=document,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=MOST_WAIT,
                check=True,
            )
            answer: dict[str, str] = json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError) as error:
            logger.warning("a document of %d bytes was not examined to the end: %s", size, _how(error))
            raise FileRefused("", _WORDS[Flaw.HIDDEN]) from error
    return answer


def _how(error: Exception) -> str:
    """How it ended, without a word of the document."""
    return f"exit {error.returncode}" if isinstance(error, subprocess.CalledProcessError) else type(error).__name__
