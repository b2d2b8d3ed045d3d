"""What can go wrong with a back-up, in words fit for a terminal."""


class BackupError(Exception):
    """A back-up could not be taken, read or restored. The message is one readable line."""
