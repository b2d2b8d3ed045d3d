"""The key with which exports are signed: Ed25519, in a file of the installation, made where it is missing.

Whoever reads an export has the public key from somewhere else: the command prints it each time.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

_PURPOSE: Final = b"govtrack-journal-export\0"
"""So that no signature is one of anything else."""


class SigningKeyError(Exception):
    """The file of the key cannot be read or made; the message says why."""


@dataclass(frozen=True)
class SigningKey:
    """The private key; ``public`` is the other half, 64 hexadecimal digits."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, digest: bytes) -> str:
        """The signature of a digest, hexadecimal."""
        return self.private.sign(_PURPOSE + digest).hex()


def is_signed(public: str, digest: bytes, signature: str) -> bool:
    """Whether this key signed this digest."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), _PURPOSE + digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_of(path: Path) -> SigningKey:
    """The key in ``path``, made there (mode 0600) where there is none. Raises SigningKeyError."""
    try:
        if not path.exists():
            _make(path)
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyError(f"The key for signing, {path}, cannot be used: {error}.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyError(f"The key for signing, {path}, is no Ed25519 key.")
    return SigningKey(private)


def _make(path: Path) -> None:
    """Whole or not at all, and of two that make one at once the first stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
