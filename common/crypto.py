"""Personal data at rest: encryption with key rotation and a keyed hash for look-up.

Keys come from ``PERSONAL_DATA_KEYS`` (newest first). The first encrypts, every one decrypts. The look-up
hash is keyed by the *last* (oldest) one, so that adding a key does not change stored hashes; see
docs/operations.md for the order of a rotation.
"""

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnreadablePersonalData(Exception):
    """A stored value was encrypted with a key that is no longer configured."""


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"govtrack-personal-data:" + secret.encode()).digest())


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def encrypt(text: str) -> str:
    """``text`` encrypted with the newest key; the empty string stays empty."""
    return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """The text behind ``token``. Raises UnreadablePersonalData where no configured key fits."""
    if not token:
        return ""
    try:
        return _cipher(tuple(settings.PERSONAL_DATA_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise UnreadablePersonalData("personal data cannot be read: a key is missing") from error


def rotate(token: str) -> str:
    """The same text encrypted with the newest key."""
    return encrypt(decrypt(token))


def lookup_hash(value: str) -> str:
    """A keyed hash (HMAC-SHA-256, hex) that finds equal values without storing them; "" stays ""."""
    if not value:
        return ""
    key = hashlib.sha256(b"govtrack-lookup:" + settings.PERSONAL_DATA_KEYS[-1].encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
