"""Documents are opened in a process of their own (``python -m files.examiner FORMAT``): nothing here knows Django.

``pdf`` and ``office`` open what strangers send, with libraries that others keep (qpdf, zipfile, expat). The process is
given the document and nothing else, no environment, and limits of its own; whatever ends it early ends in a refusal
(files.checks.documents).
"""
