"""What pages, answers and messages carry that is nobody's: row keys count on, file ids and digests are drawn by lot.

Any four digits come up among them sooner or later. A test that looks for the end of a telephone number looks
elsewhere; a number that a person reads stands in a sentence, in a cell or in a string.
"""

import re
from typing import Final

_DRAWN: Final = re.compile(
    r"""
    [0-9a-f]{32,}                                       # digests, ids of files
    | [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}       # the same with hyphens
    | (?<=":)\ ?\d+(?=[,}\]\s])                         # a number of JSON: telephone numbers are strings there
    | (?<=[\[,])\d+(?=[,\]])                            # … in a list
    | (?<==")\d{1,9}(?=")                               # a row's key as the value of an attribute
    | (?<=[-/=])\d{1,9}(?=["/?&#])                      # … at the end of one, in an address
    | (?<=通知编号\ )[\d.]+                             # the stable id of a message
    """,
    re.VERBOSE,
)


def without_drawn(text: str) -> str:
    """``text`` without row keys, ids, digests."""
    return _DRAWN.sub("", text)
