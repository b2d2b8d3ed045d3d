"""A person's own notifications: inbox, preferences, absences."""
