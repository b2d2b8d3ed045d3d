"""Writes on meetings: before (``planning``; what comes again: ``recurring``; who is invited: ``inviting``), while
(``recording``; who came: ``attending``) and after (``following``).

Of what the public asks there: the box and what comes into it (``asking``), what is done about it (``answering``).
"""
