"""Writes on proposals: ``registering`` them, ``changing`` what was registered, ``answering``, ``hearing`` the deputies."""
