"""Uploads are judged by their content: every good one is taken, every hostile one refused with its reason."""

import resource
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from common.clock import SHANGHAI
from files.checks import FileFacts, examine
from files.errors import FileRefused
from files.limits import MB, MOST_SECONDS
from files.names import EXTENSIONS, extension_of
from tests.support import hostile_files as made

AT = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)


def examined(name: str, content: bytes, content_type: str = "image/jpeg") -> FileFacts:
    return examine(SimpleUploadedFile(name, content, content_type), at=AT)


@pytest.mark.parametrize("sample", made.GOOD.values(), ids=list(made.GOOD))
def test_what_people_send_is_taken(sample: made.Sample) -> None:
    facts = examined(sample.name, sample.content)
    assert facts.kind == sample.kind
    assert facts.size == len(sample.content)
    assert extension_of(facts.name) in EXTENSIONS[facts.format]


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("sample", made.HOSTILE.values(), ids=list(made.HOSTILE))
def test_what_attackers_send_is_refused_with_its_reason(sample: made.Sample) -> None:
    with translation.override("zh-hans"), pytest.raises(FileRefused) as refused:
        examined(sample.name, sample.content)
    assert sample.reason in str(refused.value)
    assert refused.value.name


@pytest.mark.parametrize("content_type", ["image/svg+xml", "text/html", "application/octet-stream", ""])
def test_the_media_type_that_the_sender_claims_is_not_looked_at(content_type: str) -> None:
    assert examined("a.jpg", made.plain_jpeg(), content_type).content_type == "image/jpeg"


def test_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileRefused, match="20 MB"):
        examined("a.jpg", made.plain_jpeg() + b"\x00" * (20 * MB))


def test_the_upload_is_left_rewound() -> None:
    upload = SimpleUploadedFile("a.jpg", made.plain_jpeg())
    examine(upload, at=AT)
    assert upload.read() == made.plain_jpeg()


@pytest.mark.parametrize(("orientation", "size"), [(1, (60, 40)), (3, (60, 40)), (6, (40, 60)), (8, (40, 60))])
def test_the_size_is_that_of_the_photo_as_it_is_seen(orientation: int, size: tuple[int, int]) -> None:
    facts = examined("a.jpg", made.jpeg(orientation))
    assert (facts.width, facts.height) == size


def test_the_cameras_time_is_read_in_shanghai() -> None:
    for sample in (made.jpeg(), made.webp(), made.heic()):
        name = "a.jpg" if sample[:2] == b"\xff\xd8" else "a.webp" if sample[:4] == b"RIFF" else "a.heic"
        assert examined(name, sample).taken_at == datetime(2026, 3, 17, 15, 20, 30, tzinfo=SHANGHAI)


def test_the_cameras_offset_is_believed() -> None:
    taken = examined("a.jpg", made.jpeg(offset="+01:00")).taken_at
    assert taken == datetime(2026, 3, 17, 22, 20, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "taken",
    ["2026:03:18 10:00:01", "2027:01:01 00:00:00", "1999:12:31 23:59:59", "0000:00:00 00:00:00", "", "nonsense"],
)
def test_an_implausible_time_is_no_time(taken: str) -> None:
    assert examined("a.jpg", made.jpeg(taken=taken)).taken_at is None


def test_a_photo_taken_this_second_is_plausible() -> None:
    taken = f"{AT:%Y:%m:%d %H:%M:%S}"
    assert examined("a.jpg", made.jpeg(taken=taken)).taken_at == AT
    later = examine(SimpleUploadedFile("a.jpg", made.jpeg(taken=taken)), at=AT + timedelta(days=400))
    assert later.taken_at == AT


def test_the_reason_is_told_in_the_readers_language() -> None:
    with pytest.raises(FileRefused) as refused:
        examined("a.svg", b"<svg/>")
    with translation.override("zh-hans"):
        assert str(refused.value).startswith("“a.svg”：不支持")


_TINY_OBJECTS = made.object_stream(b"x").replace(b"<< ", b"<</Length 1", 1) + b"\n"


def _over_the_same_blocks() -> bytes:
    """Each stream's stored block holds the head of the next; all run on through the same empty blocks."""
    head = b"<</Type/ObjStm/Filter/FlateDecode>>stream\n\x78\x01"
    nested = (b"\x00" + struct.pack("<HH", len(head), len(head) ^ 0xFFFF)).join([head] * 40_000)
    return made.pdf(nested + b"\x00\x00\x00\xff\xff" * 3_000_000 + b"endstream")


COSTLY = {
    "many object streams": ("a.pdf", lambda: made.pdf(_TINY_OBJECTS * 60_000)),
    "streams that never end": ("a.pdf", lambda: made.pdf(_TINY_OBJECTS.replace(b"endstream", b"") * 60_000)),
    "streams with one far end": (
        "a.pdf",
        lambda: made.pdf(_TINY_OBJECTS.replace(b"endstream", b"") * 40_000 + b" " * 15_000_000 + b"endstream"),
    ),
    "streams in one another": (
        "a.pdf",
        lambda: made.pdf(
            b"<</Type/ObjStm/Filter/FlateDecode>>stream\n\x78\x01" * 40_000
            + b"\x00\x00\x00\xff\xff" * 3_000_000
            + b"endstream"
        ),
    ),
    "streams over the same empty blocks": ("a.pdf", _over_the_same_blocks),
    "escapes under compression": ("a.pdf", lambda: made.pdf(made.object_stream(b"/a#41 " * 1_000_000))),
    "one endless escape": ("a.pdf", lambda: made.pdf(b"/" + b"#41" * 1_000_000)),
    "nearly an escape": ("a.pdf", lambda: made.pdf((b"/" + b"#41" * 10 + b"a" * 31) * 60_000)),
    "much space before a stream": ("a.pdf", lambda: made.pdf((b">>" + b" " * 63) * 60_000)),
    "many relationships": (
        "a.docx",
        lambda: made.docx(
            {f"word/_rels/{n}.rels": made.relationships(*[("hyperlink", "https://a")] * 2000) for n in range(400)}
        ),
    ),
    "objects without a table": (
        "a.pdf",
        lambda: made.pdf(b"1 0 obj\n<<>>\nendobj\n" * 500_000).replace(b"startxref\n", b"startxref\n9"),
    ),
    "deep arrays": ("a.pdf", lambda: made.pdf(b"[" * 1_000_000 + b"]" * 1_000_000)),
    "deep markup": ("a.docx", lambda: made.docx(types=b"<a>" * 300_000 + b"</a>" * 300_000)),
}


@pytest.mark.long
@pytest.mark.parametrize(("name", "make"), COSTLY.values(), ids=list(COSTLY))
def test_no_file_keeps_a_process_busy(name: str, make: Callable[[], bytes]) -> None:
    content = make()
    began = spent()
    with suppress(FileRefused):
        examined(name, content)
    assert spent() - began < MOST_SECONDS + 1


def spent() -> float:
    """Seconds of processor time, of this process and of those that it has waited for."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + of_children.ru_utime + of_children.ru_stime
