"""Opening and re-encoding photos with Pillow, within limits. Pure: bytes in, bytes out.

A photo that is shown was decoded to pixels and encoded anew: position, camera, thumbnail, appended archive or script do
not survive that. Sizes are JPEG, because iOS 13 knows no WebP.
"""

from contextlib import suppress
from datetime import datetime, timedelta, timezone
from io import BytesIO
from threading import BoundedSemaphore
from typing import IO, Any, Final

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageFile, ImageOps

from common.clock import SHANGHAI, local
from files.limits import GLIMPSE_SIDE, LARGE_SIDE, LONGEST_SIDE, MOST_PIXELS, SMALL_SIDE

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False

READERS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
"""The only decoders that see an upload; Pillow's others (TIFF, PSD, EPS …) are never asked."""

DECODING: Final = BoundedSemaphore(2)
"""So many photos at once in one process: bounds its memory at two decoded photos of MOST_PIXELS."""

_QUALITY: Final = 82
_EIGHTH: Final = 8
_TURNED: Final = frozenset({5, 6, 7, 8})
_OLDEST: Final = datetime(2000, 1, 1, tzinfo=SHANGHAI)
_WHITE: Final = (255, 255, 255)


class TooManyPixels(Exception):  # noqa: N818
    """The photo says that it is larger than anybody's camera; it was not decoded."""


def open_within_limits(stream: IO[bytes]) -> Image.Image:
    """The photo, its header read and its pixels not yet decoded. Raises TooManyPixels, and whatever Pillow raises."""
    try:
        image = Image.open(stream, formats=READERS)
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    width, height = image.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise TooManyPixels
    return image


def decode_whole(image: Image.Image) -> None:
    """Read every byte of the picture's data, so that a truncated one is found. A JPEG at an eighth: cheap in memory."""
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (max(1, image.width // _EIGHTH), max(1, image.height // _EIGHTH)))
    image.load()


def seen_size(image: Image.Image) -> tuple[int, int]:
    """Width and height once the orientation is applied. To be asked before ``decode_whole``."""
    width, height = image.size
    return (height, width) if _orientation(image) in _TURNED else (width, height)


def _orientation(image: Image.Image) -> int:
    value = _exif(image).get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) else 1


def _exif(image: Image.Image) -> Any:
    """The EXIF of the photo, {} where it cannot be read: broken EXIF makes no broken photo."""
    try:
        return image.getexif()
    except Exception:  # noqa: BLE001 - whatever the parser raises over hostile tags
        return {}


def taken_at(image: Image.Image, at: datetime) -> datetime | None:
    """When the camera says that it was taken: DateTimeOriginal with its offset, else in Asia/Shanghai.

    None where it says nothing, nonsense, or a moment after ``at``.
    """
    try:
        tags = _exif(image).get_ifd(ExifTags.IFD.Exif)
        written = str(tags.get(ExifTags.Base.DateTimeOriginal, "")).strip("\x00 ")
        offset = str(tags.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\x00 ")
        moment = datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=_zone(offset))
        return local(moment) if _OLDEST <= moment <= at else None
    except Exception:  # noqa: BLE001 - whatever the parser raises over hostile tags
        return None


def _zone(offset: str) -> Any:
    with suppress(ValueError):
        sign = -1 if offset.startswith("-") else 1
        hours, minutes = (int(part) for part in offset.lstrip("+-").split(":"))
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    return SHANGHAI


def make_sizes(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """The large and the small JPEG of a photo: upright, sRGB, without any metadata."""
    with DECODING:
        image = open_within_limits(stream)
        if image.format in ("JPEG", "MPO"):
            image.draft(None, (LARGE_SIDE, LARGE_SIDE))
        large = _flat(_srgb(ImageOps.exif_transpose(image)))
        large.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.LANCZOS)
        small = large.copy()
        small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
        return _jpeg(large), _jpeg(small)


def make_glimpse(stream: IO[bytes]) -> bytes:
    """A JPEG as large as a thumb, upright and without metadata; a photo of a camera is decoded at an eighth."""
    with DECODING:
        image = open_within_limits(stream)
        if image.format in ("JPEG", "MPO"):
            image.draft(None, (GLIMPSE_SIDE, GLIMPSE_SIDE))
        glimpse = _flat(ImageOps.exif_transpose(image))
        glimpse.thumbnail((GLIMPSE_SIDE, GLIMPSE_SIDE))
        return _jpeg(glimpse)


def _srgb(image: Image.Image) -> Image.Image:
    """The photo in sRGB by its own profile; a profile that cannot be read is left out of account."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    mode = "RGB" if image.mode in ("CMYK", "L") else image.mode
    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        return turned if turned is not None else image
    return image


def _flat(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue; what is transparent becomes white."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGB", image.size, _WHITE)
        paper.paste(image, mask=image.getchannel("A"))
        return paper
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    clean.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue()
