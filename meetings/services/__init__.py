"""Writes on meetings: before (``planning``), while (``recording``) and after (``following``) they are held.

Of what the public asks there: the box and what comes into it (``asking``), what is done about it (``answering``).
"""
