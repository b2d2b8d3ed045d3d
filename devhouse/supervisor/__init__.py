"""The own supervisor of `make run`: web, worker and beat in the foreground, restarted when one ends."""
