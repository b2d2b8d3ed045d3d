"""The rules of reminders, edited with a look at what a change would send."""
