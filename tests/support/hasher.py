"""Passwords in tests are hashed as everywhere, with fewer rounds: what is tried is not how long that takes."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class FewRounds(PBKDF2PasswordHasher):
    """Django's first hasher with two rounds."""

    iterations = 2
