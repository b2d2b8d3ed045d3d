"""Writes on meetings: before (``planning``), while (``recording``) and after (``following``) they are held."""
