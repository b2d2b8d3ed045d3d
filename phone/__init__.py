"""The residents' and leaders' pages: no account, no JavaScript needed."""
