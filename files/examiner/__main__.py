"""One document from standard input; one line of JSON: ``{"format": …}`` or ``{"refused": …}``.

The limits are set before anything is read. What breaks them ends this process, time by a signal, memory by an error;
who asked then hears nothing, and refuses.
"""

import json
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

from files.examiner import office, pdf
from files.examiner.flaws import Unfit
from files.limits import MOST_MEMORY, MOST_SECONDS, MOST_WAIT

_EXAMINE: Final[dict[str, Callable[[BinaryIO], str]]] = {"pdf": pdf.examine, "zip": office.examine}


def main() -> None:
    """Look at the document as what the first argument says."""
    _limit()
    try:
        answer = {"format": _EXAMINE[sys.argv[1]](sys.stdin.buffer)}
    except Unfit as unfit:
        answer = {"refused": unfit.flaw}
    sys.stdout.write(json.dumps(answer))


def _limit() -> None:
    """Processor time, memory, no file written, no core dump; and an alarm for when nobody waits any more."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(MOST_WAIT)


if __name__ == "__main__":
    main()
