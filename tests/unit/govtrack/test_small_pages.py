"""Pages are sent small: text is compressed where it was made whole, the phone's sheets are one where they get names."""

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finders
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from govtrack.middleware import CompressMiddleware
from govtrack.static_files import JOINED, HashedStaticFiles

PAGE = "社区诉求服务" * 200


def sent(answer: HttpResponseBase, accepts: str = "gzip, deflate, br") -> HttpResponseBase:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = accepts
    return CompressMiddleware(lambda _request: answer)(request)  # type: ignore[return-value]


def test_a_page_is_compressed_for_who_takes_it() -> None:
    answer = sent(HttpResponse(PAGE))
    assert isinstance(answer, HttpResponse)
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content).decode() == PAGE
    assert "Content-Encoding" not in sent(HttpResponse(PAGE), "identity").headers


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(PAGE, content_type="application/json"),
        HttpResponse(PAGE, content_type="image/jpeg"),
        StreamingHttpResponse([PAGE]),
        FileResponse(Path(__file__).open("rb"), content_type="text/plain"),  # noqa: SIM115 - the response closes it
    ],
)
def test_the_api_pictures_and_streams_go_as_they_are(answer: HttpResponseBase) -> None:
    assert "Content-Encoding" not in sent(answer).headers


def test_the_phones_sheet_holds_those_that_it_imports(tmp_path: Path) -> None:
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    paths = {}
    for finder in get_finders():
        for path, source in finder.list(None):
            if path.endswith(".css") and path.split("/")[0] in ("css", "vendor"):
                paths[path] = (source, path)
                storage.save(path, source.open(path))
    for _done in storage.post_process(paths):
        continue
    for name in JOINED:
        text = (tmp_path / storage.stored_name(name)).read_text(encoding="utf-8")
        assert "@import" not in text
        for part in (".weui-btn", "--p-canvas", ".upload"):
            assert part in text
