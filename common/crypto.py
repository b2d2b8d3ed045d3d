"""Personal data at rest: encryption with key rotation, and keyed hashes for look-up.

Keys come from ``PERSONAL_DATA_KEYS``, newest first: the first encrypts and hashes, every one decrypts and finds. What
is encrypted begins with a byte for the way it was done and four for the key, so that both can be told from the value;
``rotate_personal_data`` brings everything to the newest key (common.rotation). What nobody could hash again, for its
words are kept nowhere, is hashed with ``SECRET_KEY`` (``keyed_digest``) and outlives a rotation.
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

AES_256_GCM: Final = b"\x01"
"""The first byte: then key id, nonce of 12 bytes, text, tag of 16 (NIST SP 800-38D). No text begins with it."""
_HEAD: Final = 5
_NONCE: Final = 12
_FERNET: Final = "gAAAA"
"""How values begin that were encrypted before; read until they are rotated."""


class UnreadablePersonalData(Exception):
    """A stored value was encrypted with a key that is no longer configured, or was changed."""


def _derived(purpose: str, secret: str) -> bytes:
    return hashlib.sha256(f"govtrack-{purpose}:{secret}".encode()).digest()


@lru_cache(maxsize=64)
def _head(secret: str) -> bytes:
    return AES_256_GCM + _derived("key-id", secret)[: _HEAD - 1]


@lru_cache(maxsize=64)
def _aes(secret: str) -> AESGCM:
    return AESGCM(_derived("aes", secret))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived("personal-data", key))) for key in keys])


def newest_head() -> bytes:
    """How everything begins that the newest key encrypted."""
    return _head(settings.PERSONAL_DATA_KEYS[0])


def newest_token() -> str:
    """The same for what ``encrypt`` gives: the whole signs that ``newest_head`` makes."""
    return base64.urlsafe_b64encode(newest_head()).decode()[: _HEAD * 8 // 6]


def encrypt_bytes(text: str) -> bytes:
    """``text`` encrypted with the newest key; the empty string stays empty."""
    if not text:
        return b""
    key, nonce = settings.PERSONAL_DATA_KEYS[0], os.urandom(_NONCE)
    head = _head(key)
    return head + nonce + _aes(key).encrypt(nonce, text.encode(), head)


def decrypt_bytes(value: bytes) -> str:
    """The text behind what ``encrypt_bytes`` gave. Raises UnreadablePersonalData where no configured key fits."""
    if not value:
        return ""
    head, nonce = value[:_HEAD], value[_HEAD : _HEAD + _NONCE]
    key = next((key for key in settings.PERSONAL_DATA_KEYS if _head(key) == head), None)
    if key is None:
        raise UnreadablePersonalData("personal data cannot be read: a key is missing")
    try:
        return _aes(key).decrypt(nonce, value[_HEAD + _NONCE :], head).decode()
    except InvalidTag as error:
        raise UnreadablePersonalData("personal data cannot be read: it was changed") from error


def encrypt(text: str) -> str:
    """As ``encrypt_bytes``, for a column of text (base64)."""
    return base64.urlsafe_b64encode(encrypt_bytes(text)).decode()


def decrypt(token: str) -> str:
    """The text behind what ``encrypt`` gave. Raises UnreadablePersonalData as ``decrypt_bytes``."""
    try:
        if not token.startswith(_FERNET):
            return decrypt_bytes(base64.urlsafe_b64decode(token))
        return _fernet(tuple(settings.PERSONAL_DATA_KEYS)).decrypt(token.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise UnreadablePersonalData("personal data cannot be read: a key is missing") from error


def lookup_hash(value: str) -> str:
    """What a row keeps to be found by: a hash (HMAC-SHA-256, hex) keyed by the newest key; "" stays ""."""
    return _hash(settings.PERSONAL_DATA_KEYS[0], value)


def lookup_hashes(value: str) -> list[str]:
    """What to look for: the hash by each key, for rows that are not rotated yet; ``[]`` for ""."""
    return [_hash(key, value) for key in settings.PERSONAL_DATA_KEYS] if value else []


def _hash(secret: str, value: str) -> str:
    return hmac.new(_derived("lookup", secret), value.encode(), hashlib.sha256).hexdigest() if value else ""


def keyed_digest(value: str) -> str:
    """A digest (HMAC-SHA-256, hex) that tells equal from different and nothing else; of ``SECRET_KEY``."""
    return hmac.new(_derived("digest", settings.SECRET_KEY), value.encode(), hashlib.sha256).hexdigest()
