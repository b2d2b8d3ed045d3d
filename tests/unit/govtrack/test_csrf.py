"""Forms of pages that send no referrer pass the CSRF check; those of other sites do not."""

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import RequestFactory

from govtrack.csrf import CsrfMiddleware


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def _status(headers: dict[str, str], cookies: dict[str, str], *, token: bool = True) -> int:
    first = RequestFactory().get("/track/")
    masked = get_token(first)
    request = RequestFactory().post("/track/", {"csrfmiddlewaretoken": masked} if token else {}, headers=headers)
    request.COOKIES = {settings.CSRF_COOKIE_NAME: first.META["CSRF_COOKIE"], **cookies}
    middleware = CsrfMiddleware(_view)
    middleware.process_request(request)
    refused = middleware.process_view(request, _view, (), {})
    return refused.status_code if refused is not None else 200


SESSION = {"sessionid": "x"}


@pytest.mark.parametrize(
    ("cookies", "headers", "status"),
    [
        ({}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        (SESSION, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({}, {"Origin": "null"}, 200),
        (SESSION, {"Origin": "null"}, 403),
        ({}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({}, {"Origin": "null", "Sec-Fetch-Site": "same-site"}, 403),
        ({}, {"Origin": "https://elsewhere.example"}, 403),
        ({}, {"Origin": "http://testserver"}, 200),
    ],
)
def test_origin(cookies: dict[str, str], headers: dict[str, str], status: int) -> None:
    assert _status(headers, cookies) == status


def test_the_token_is_always_needed() -> None:
    assert _status({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {}, token=False) == 403
