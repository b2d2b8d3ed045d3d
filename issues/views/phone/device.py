"""What a resident's phone remembers, in signed cookies: proven matters, remembered matters, the community."""

from django.http import HttpRequest, HttpResponse

_PROVEN, _REMEMBERED, _COMMUNITY = "proven", "mine", "community"
_SALT = "issues.device"
_YEAR = 365 * 24 * 3600
_MOST = 20


def _read(request: HttpRequest, name: str) -> list[str]:
    value = request.get_signed_cookie(name, default="", salt=_SALT, max_age=_YEAR)
    return [part for part in (value or "").split(".") if part]


def _write(request: HttpRequest, response: HttpResponse, name: str, values: list[str]) -> None:
    response.set_signed_cookie(
        name,
        ".".join(values[:_MOST]),
        salt=_SALT,
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def is_proven(request: HttpRequest, issue_id: int) -> bool:
    """Whether this phone has given the right last four digits for the matter."""
    return str(issue_id) in _read(request, _PROVEN)


def keep_proof(request: HttpRequest, response: HttpResponse, issue_id: int) -> None:
    """Do not ask this phone again."""
    known = _read(request, _PROVEN)
    _write(request, response, _PROVEN, [str(issue_id), *(value for value in known if value != str(issue_id))])


def remembered_tokens(request: HttpRequest) -> list[str]:
    """The secret links that the resident chose to keep on this phone, newest first."""
    return _read(request, _REMEMBERED)


def remember(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Show this matter on the home page of this phone."""
    known = remembered_tokens(request)
    _write(request, response, _REMEMBERED, [token, *(value for value in known if value != token)])


def forget(request: HttpRequest, response: HttpResponse, token: str) -> None:
    """Take this matter off the home page."""
    _write(request, response, _REMEMBERED, [value for value in remembered_tokens(request) if value != token])


def community_id(request: HttpRequest) -> int | None:
    """The community that was chosen on this phone."""
    values = _read(request, _COMMUNITY)
    return int(values[0]) if values and values[0].isdigit() else None


def keep_community(request: HttpRequest, response: HttpResponse, pk: int) -> None:
    """Choose the community on this phone."""
    _write(request, response, _COMMUNITY, [str(pk)])
