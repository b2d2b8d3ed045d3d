"""Logging a matter at the counter or on the phone, with what is known about the caller and the place."""
