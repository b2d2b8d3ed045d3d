"""What a phone's script does for a form (static/js/phone/prover.js), as a program would write it."""

from hashlib import sha256

from door.challenges import BITS, PARTS


def solved(token: str) -> str:
    """The answer to the puzzle of a form's challenge."""
    word = token.split(".")[2]
    return ".".join(str(_first(f"{word}:{part}:")) for part in range(PARTS))


def _first(start: str) -> int:
    number = 0
    while int.from_bytes(sha256(f"{start}{number}".encode()).digest()[:4]) >> (32 - BITS):
        number += 1
    return number
