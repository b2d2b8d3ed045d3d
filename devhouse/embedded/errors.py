"""What can go wrong with the embedded servers, in words fit for a terminal."""


class EmbeddedError(Exception):
    """An embedded server is missing or does not start. The message is one readable line."""
