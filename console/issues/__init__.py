"""The pages of issues: the list, one issue with its cards and action panels, its numbered papers."""
