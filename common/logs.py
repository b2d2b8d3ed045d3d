"""What stands in logs: no secret of an address, and one JSON object a line for collectors."""

import json
import logging
import re
from typing import Final

_SECRET: Final = re.compile(r"(/(?:t|report/done|calendar|meetings/guests|leader/join|invitation)/)[^\s?#'\"]+")
"""Addresses that open something by themselves; deploy/nginx.conf hides the same."""


class WithoutSecrets(logging.Filter):
    """Leaves out what an address opens by; whatever a library logs of a request passes here."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET.sub(r"\1-", record.getMessage()), ()
        return True


class JsonFormatter(logging.Formatter):
    """Time, level, logger, message and, where there is one, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)
