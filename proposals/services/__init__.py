"""Writes on proposals: ``registering``, ``changing`` what was registered, ``answering``, ``hearing`` the deputies."""
