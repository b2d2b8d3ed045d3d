"""A content type may name any charset: the answer is never a bare 500, and nothing is read but UTF-8."""

import json
from collections.abc import Iterator
from io import BytesIO

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from govtrack.wsgi import application

CHARSETS = ("hex", "rot13", "undefined", "utf-7", "unicode_escape", "utf-16", "idna", '"hex"', "gbk", "no-such")


@pytest.fixture(autouse=True)
def _connection_kept() -> Iterator[None]:
    """The connection of the test stays open behind the request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def answered(method: str, path: str, kind: str, body: bytes = b"") -> tuple[int, bytes]:
    address, _mark, query = path.partition("?")
    environ = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO=address, QUERY_STRING=query, REQUEST_METHOD=method, CONTENT_TYPE=kind, CONTENT_LENGTH=str(len(body))
    )
    environ["wsgi.input"] = BytesIO(body)
    told: list[str] = []
    content = b"".join(application(environ, lambda status, headers, error=None: told.append(status)))
    return int(told[0].split()[0]), content


@pytest.mark.parametrize("charset", CHARSETS)
def test_any_charset(db: None, charset: str) -> None:
    query = "?again=%2BAAA-%5Cud800%5Cx00&next=%2BAAA-%5Cx00&q=%5Cud800"
    for path in ("/report/", "/login/"):
        assert answered("GET", path + query, f"text/plain; charset={charset}")[0] == 200
    assert answered("GET", "/api/v1/issues/" + query, f"application/json;charset={charset}; a=b")[0] == 401
    for kind, path in (
        ("application/json", "/api/v1/public/issues/lookup/"),
        ("multipart/form-data; boundary=x", "/track/"),
        ("application/x-www-form-urlencoded", "/track/"),
    ):
        status, content = answered(
            "POST", path, f"{kind}; charset={charset}", b'{"number": "12", "phone_tail": "1234"}'
        )
        assert status == 400 or (status == 403 and path == "/track/")
        if path.startswith("/api/"):
            assert json.loads(content)["code"] == "invalid"


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii"])
def test_ours_is_read(db: None, charset: str) -> None:
    body = '{"number": "编号 12", "phone_tail": "1234"}'.encode()
    status, _content = answered("POST", "/api/v1/public/issues/lookup/", f"application/json; charset={charset}", body)
    assert status == 404
    assert answered("GET", "/report/?" + "a=1&" * 300, f"application/json; charset={charset}")[0] == 400
