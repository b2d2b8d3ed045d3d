"""One archive of an installation: database, files, configuration without keys; and the way back (docs/operations.md).

`archive` knows the form, `taking` fills one, `restoring` reads it into an empty database.
"""
