"""The journal's hash chain, computed in Python as the database computes it (migration journal 0002)."""

import hashlib
import json
from typing import Any, Final

_PRINTED: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def jsonb_text(value: Any) -> str:
    """``value`` as PostgreSQL prints it once it is ``jsonb``: keys by length in bytes, then by bytes; ", " and ": ".

    For what journal rows hold: strings, whole numbers, booleans, None, lists and dictionaries of these. TypeError for
    anything else (a fraction prints differently in the two languages).
    """
    return _PRINTED(_ordered(value))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(item) for key, item in sorted(value.items(), key=_by_length)}
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a journal row")


def _by_length(pair: tuple[str, Any]) -> tuple[int, bytes]:
    key = pair[0].encode()
    return len(key), key


def digest(
    *,
    subject_kind: str,
    subject_id: int,
    seq: int,
    kind: str,
    at_micros: int,
    actor_id: int | None,
    actor_role: str,
    visible: bool,
    data: str,
    texts: str,
    prev_hash: bytes,
) -> bytes:
    """What ``journal_digest`` gives; ``at_micros`` since 1970, ``data`` and ``texts`` as ``jsonb_text`` prints them."""
    actor = "null" if actor_id is None else actor_id
    seen = "true" if visible else "false"
    row = (
        f"[{_PRINTED(subject_kind)}, {subject_id}, {seq}, {_PRINTED(kind)}, {at_micros}, {actor}, "
        f"{_PRINTED(actor_role)}, {seen}, {data}, {texts}]"
    )
    return hashlib.sha256(prev_hash + row.encode()).digest()
