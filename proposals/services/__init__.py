"""Writes on proposals: ``registering`` them and who handles them, ``answering``, and ``hearing`` the deputies."""
