"""Errands: a made-up domain on the engine of reminders, with a clock, a rung and events of its own.

A department is sent on an errand and brings it back; nothing of it stands in the product.
"""
