"""Does an export of the journal hold? Signature, hashes, chains, texts, seal and counts, with nothing but the file.

The signature says that nothing was changed since it was exported; the rest that the journal held when it was.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from journal.exporting import FORM
from journal.sealing import Running
from journal.services import digest as text_digest
from journal.signing import is_signed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BROKEN_OFF: Final = "it is not whole: the signature is missing"


class BrokenExportError(Exception):
    """The file is not what was exported, or the journal did not hold when it was; the message says where."""


@dataclass
class Checked:
    """What was checked: the first line, and how much there is of what."""

    header: dict[str, Any]
    events: int = 0
    texts: int = 0
    redacted: int = 0
    subjects: int = 0


class _Number(float):
    """A number as it is written: 1.10 stays 1.10."""

    text = ""

    @classmethod
    def read(cls, text: str) -> "_Number":
        number = cls(text)
        number.text = text
        return number


def check(path: Path) -> Checked:
    """Read the whole file, twice. Raises BrokenExportError, and OSError where it cannot be read."""
    signed = _signed_lines(path)
    rows = _rows(path, signed)
    found, running = Checked(header=next(rows)), Running()
    chains = _Chains(whole=_unlimited(found.header, "from", "to"))
    seal = found.header["seal"] if _unlimited(found.header, "from", "to", "subject") else None
    for row in rows:
        if "hash" not in row:
            _check_counts(found, row)
            continue
        _check_event(found, row)
        chains.add(row)
        if seal is None or row["id"] <= seal["through"]:
            running.add(bytes.fromhex(row["hash"]))
    if seal and (running.events, running.digest.hex()) != (seal["events"], seal["digest"]):
        raise BrokenExportError(f"up to event {seal['through']} the journal was not what was sealed at {seal['at']}")
    found.subjects = chains.close()
    return found


def _unlimited(header: dict[str, Any], *names: str) -> bool:
    """Whether none of these limits was set."""
    return all(header[name] is None for name in names)


def _signed_lines(path: Path) -> int:
    """How many lines stand before the signature of them all."""
    digest, first, last, lines = hashlib.sha256(), b"", b"", 0
    with path.open("rb") as file:
        for line in file:
            if lines == 0:
                first = line
            digest.update(last)
            last, lines = line, lines + 1
    if lines < 3 or not last.endswith(b"\n"):
        raise BrokenExportError(_BROKEN_OFF)
    header, signature = _parsed(first, 1), _parsed(last, lines)
    if header.get("form") != FORM:
        raise BrokenExportError("it is no export of a journal")
    if "signature" not in signature:
        raise BrokenExportError(_BROKEN_OFF)
    if not is_signed(str(header["public_key"]), digest.digest(), str(signature["signature"])):
        raise BrokenExportError("it was changed since it was signed")
    return lines - 1


def _rows(path: Path, lines: int) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, lines), start=1):
            yield _parsed(line, number)


def _parsed(line: bytes, number: int) -> dict[str, Any]:
    try:
        return dict(json.loads(line, parse_float=_Number.read))
    except (ValueError, TypeError) as error:
        raise BrokenExportError(f"line {number} is no JSON object") from error


def _check_counts(found: Checked, row: dict[str, Any]) -> None:
    if row != {"events": found.events, "texts": found.texts}:
        raise BrokenExportError(f"it holds {found.events} events and {found.texts} texts, and says {row}")


def _check_event(found: Checked, row: dict[str, Any]) -> None:
    """Its hash is that of its row and of the hash before it (journal_digest), its texts are those of their digests."""
    found.events += 1
    kind, _, subject = row["subject"].rpartition(":")
    moment = (datetime.fromisoformat(row["at"]) - _EPOCH) // _MICROSECOND
    content = [kind, int(subject), row["seq"], row["kind"], moment, row["actor"], row["role"], row["visible"]]
    hashed = bytes.fromhex(row["prev_hash"]) + _jsonb([*content, row["data"], row["texts"]]).encode()
    if hashlib.sha256(hashed).hexdigest() != row["hash"]:
        raise BrokenExportError(f"{_name(row)} was changed")
    for key, word in row.get("words", {}).items():
        found.texts += 1
        if word == {"text": "", "salt": ""}:
            found.redacted += 1
        elif text_digest(word["salt"], word["text"]) != row["texts"].get(key):
            raise BrokenExportError(f"{_name(row)}: the text {key!r} is another")


def _name(row: dict[str, Any]) -> str:
    return f"{row['subject']} row {row['seq']}"


def _jsonb(value: Any) -> str:
    """As PostgreSQL writes jsonb: keys by length, then by bytes."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return f"{{{', '.join(f'{_jsonb(key)}: {_jsonb(value[key])}' for key in keys)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_jsonb, value))}]"
    return value.text if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


@dataclass
class _Chains:
    """Every row follows the one before it. Two of a subject may stand in the other order of ids: one waits then."""

    whole: bool
    """Whether every chain begins with its first row; a period begins anywhere."""
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    waiting: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        """The next event. Raises BrokenExportError where it does not follow the row before it."""
        subject = row["subject"]
        before = (0, "") if self.whole else (row["seq"] - 1, row["prev_hash"])
        seq, head = self.heads.get(subject, before)
        self.waiting[subject, row["seq"]] = row
        while (following := self.waiting.pop((subject, seq + 1), None)) is not None:
            if following["prev_hash"] != head:
                raise BrokenExportError(f"{_name(following)} does not follow the row before it")
            seq, head = seq + 1, following["hash"]
        self.heads[subject] = seq, head

    def close(self) -> int:
        """How many subjects there are. Raises BrokenExportError where rows are missing of chains that are whole."""
        left = next(iter(self.waiting.values()), None)
        if self.whole and left is not None:
            raise BrokenExportError(f"before {_name(left)} a row is missing")
        return len(self.heads)
