"""Re-encoding: upright, in sRGB, small enough, and with nothing in it but pixels."""

import io
import zipfile

import pytest
from PIL import Image, ImageCms

from files.limits import LARGE_SIDE, SMALL_SIDE
from files.pictures import make_sizes
from tests.support import hostile_files as made


def sizes(content: bytes) -> tuple[Image.Image, Image.Image]:
    large, small = make_sizes(io.BytesIO(content))
    return Image.open(io.BytesIO(large)), Image.open(io.BytesIO(small))


@pytest.mark.parametrize("make", [made.jpeg, made.webp, made.heic, made.png, made.jpeg_with_zip, made.jpeg_with_script])
def test_nothing_but_pixels_is_left(make: object) -> None:
    content = make()  # type: ignore[operator]
    for encoded in make_sizes(io.BytesIO(content)):
        image = Image.open(io.BytesIO(encoded))
        assert image.format == "JPEG"
        assert dict(image.getexif()) == {}
        assert not {"icc_profile", "exif", "comment", "xmp"} & set(image.info)
        for trace in (made.CAMERA.encode(), b"Exif", b"secret comment", b"<script", b"PK\x03\x04", b"evil.html"):
            assert trace not in encoded
        assert not zipfile.is_zipfile(io.BytesIO(encoded))
        assert encoded.endswith(b"\xff\xd9")


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return isinstance(pixel, tuple) and all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_kept_by_turning_the_pixels(orientation: int) -> None:
    upright = made.picture(600, 400)
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = upright if turned is None else upright.transpose(turned)
    out = io.BytesIO()
    stored.save(out, "JPEG", quality=95, exif=made.exif(orientation))
    for image in sizes(out.getvalue()):
        assert image.width > image.height
        assert near(image.getpixel((image.width // 6, image.height // 2)), made.RED)
        assert near(image.getpixel((image.width * 5 // 6, image.height * 3 // 4)), made.BLUE)
        assert near(image.getpixel((image.width * 5 // 6, image.height // 4)), made.GREEN)


def test_two_sizes() -> None:
    large, small = sizes(made.jpeg(size=(3000, 1500)))
    assert large.size == (LARGE_SIDE, LARGE_SIDE // 2)
    assert small.size == (SMALL_SIDE, SMALL_SIDE // 2)
    large, small = sizes(made.jpeg(size=(60, 40)))
    assert large.size == small.size == (60, 40)


def test_what_is_transparent_becomes_white() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    large, _small = sizes(out.getvalue())
    assert large.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16", "LA"])
def test_other_colour_modes_become_rgb(mode: str) -> None:
    image = Image.new(mode, (40, 30))
    out = io.BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG")
    large, small = sizes(out.getvalue())
    assert (large.mode, small.mode) == ("RGB", "RGB")


def test_colours_of_another_profile_are_converted() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    out = io.BytesIO()
    made.picture().save(out, "JPEG", icc_profile=lab.tobytes())
    sizes(out.getvalue())
    out = io.BytesIO()
    made.picture().save(out, "JPEG", icc_profile=b"broken profile")
    large, _small = sizes(out.getvalue())
    assert near(large.getpixel((5, 20)), made.RED)


def test_the_same_photo_gives_the_same_bytes() -> None:
    assert make_sizes(io.BytesIO(made.jpeg())) == make_sizes(io.BytesIO(made.jpeg()))
