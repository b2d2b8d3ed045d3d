"""The workflow told a second time from the journal: what each event left of an issue, and where the row differs."""
