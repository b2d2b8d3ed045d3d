"""The measures, each a function of the cast and the running server."""
