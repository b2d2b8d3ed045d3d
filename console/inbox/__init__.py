"""The first page: what waits for this person, and what has arrived since."""
