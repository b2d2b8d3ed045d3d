"""Photos: decoded in full, so that what cannot be decoded is refused at once.

What hangs on behind the picture (an archive, a second picture, a script) is no reason for refusal: phones append data
of their own. It is disarmed, because only re-encoded sizes are served and the original is deleted.
"""

from datetime import datetime
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from files import pictures
from files.errors import FileRefused
from files.limits import MOST_PIXELS


def check(stream: IO[bytes], format_: str, at: datetime) -> dict[str, Any]:
    """Width, height and the camera's time. Raises FileRefused."""
    try:
        with pictures.DECODING:
            image = pictures.open_within_limits(stream)
            width, height = pictures.seen_size(image)
            taken = pictures.taken_at(image, at)
            pictures.decode_whole(image)
    except pictures.TooManyPixels as error:
        raise FileRefused("", _("照片超过 %(n)d 万像素，请缩小后再上传") % {"n": MOST_PIXELS // 10_000}) from error
    except Exception as error:
        raise FileRefused("", _("照片不完整或已损坏，请重新拍摄或选择")) from error
    return {"width": width, "height": height, "taken_at": taken}
