"""How many, how large: every limit of the files floor, with its reason."""

from datetime import timedelta
from typing import Final

MB: Final = 1024 * 1024

MOST_FILES: Final = 9
"""Files with one action: as many as a WeChat post takes, which is what people are used to."""

MOST_PHOTO_BYTES: Final = 20 * MB
"""A 50-megapixel JPEG of a phone has 8 to 15 MB."""

MOST_DOCUMENT_BYTES: Final = 20 * MB
"""A scanned contract of 40 pages; larger ones also overrun the mail boxes they are forwarded to."""

MOST_REQUEST_BYTES: Final = 60 * MB
"""All files of one request; the reverse proxy takes 64 MB (deploy/nginx.conf)."""

MOST_OWNER_FILES: Final = 120
"""Files of one issue: a dozen actions with nine photos each."""

MOST_OWNER_BYTES: Final = 400 * MB
"""Bytes of one issue as uploaded: bounds what one secret link can fill of the disk."""

MOST_PIXELS: Final = 64_000_000
"""A decoded photo of 64 megapixels takes 192 MB; phones' full sensors of 108 and 200 megapixels are reduced by the
page before they are sent."""

LONGEST_SIDE: Final = 30_000
"""A strip of one pixel by a million is no photo."""

LARGE_SIDE: Final = 2048
"""Longest side of what the lightbox shows: a 1920 px screen with room to look closer."""

SMALL_SIDE: Final = 400
"""Longest side of a thumbnail: 200 px wide on a screen of double density."""

GLIMPSE_SIDE: Final = 160
"""Longest side of the picture of a photo in a form that is shown again."""

LONGEST_NAME: Final = 100
"""Characters of a displayed name."""

MOST_ENTRIES: Final = 2000
"""Parts of a docx or xlsx: a report with 500 pictures has about 1,100."""

MOST_UNPACKED_BYTES: Final = 120 * MB
"""A docx or xlsx unpacked, in all."""

MOST_RATIO: Final = 150
"""Unpacked to packed of one part; sheets of numbers reach 1:40."""

MOST_MARKUP_BYTES: Final = 4 * MB
"""XML that is parsed here: content types, and all relationships together."""

MOST_INFLATED_BYTES: Final = 16 * MB
"""Object streams of one PDF, unpacked, in all: the dictionaries of some thousand pages."""

MOST_SECONDS: Final = 4
"""Of processor time for examining one document, starting included: a scanned contract of 40 pages takes a tenth."""

MOST_WAIT: Final = 12
"""Seconds until the examination of one document is given up, on a machine where much else runs."""

MOST_MEMORY: Final = 512 * MB
"""Address space of one examination: the libraries, a document of MOST_DOCUMENT_BYTES and what it unpacks to."""

UNCLAIMED_FOR: Final = timedelta(days=1)
"""How long an upload that belongs to nothing is kept: a form that was refused and is sent again the same day."""

CLAIM_FOR: Final = timedelta(minutes=6)
"""How long a worker may take over one photo before another takes it on: longer than a task's hard time limit."""

MOST_ATTEMPTS: Final = 5
"""A photo at which five workers died is given up."""
