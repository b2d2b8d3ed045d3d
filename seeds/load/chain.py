"""The journal's hash chain, computed in Python as the database computes it (migration journal 0002)."""

import hashlib
import json
from functools import lru_cache
from typing import Any, Final

_PLAIN: Final = frozenset({str, int, bool, type(None)})
_PRINTED: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def jsonb_text(value: Any) -> str:
    """``value`` as PostgreSQL prints it once it is ``jsonb``: keys by length in bytes, then by bytes; ", " and ": ".

    For what journal rows hold: strings, whole numbers, booleans, None, lists and dictionaries of these. TypeError for
    anything else (a fraction prints differently in the two languages).
    """
    return "{}" if value == {} else _PRINTED(_ordered(value))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: item if type(item := value[key]) in _PLAIN else _ordered(item) for key in _in_order(tuple(value))}
    if isinstance(value, list):
        return [item if type(item) in _PLAIN else _ordered(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a journal row")


@lru_cache(maxsize=4096)
def _in_order(keys: tuple[str, ...]) -> list[str]:
    """The keys of one kind of event; there are some hundred kinds of them."""
    return sorted(keys, key=_by_length)


def _by_length(key: str) -> tuple[int, bytes]:
    encoded = key.encode()
    return len(encoded), encoded


@lru_cache(maxsize=1024)
def _printed(code: str) -> str:
    return _PRINTED(code)


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
        f"[{_printed(subject_kind)}, {subject_id}, {seq}, {_printed(kind)}, {at_micros}, {actor}, "
        f"{_printed(actor_role)}, {seen}, {data}, {texts}]"
    )
    return hashlib.sha256(prev_hash + row.encode()).digest()
