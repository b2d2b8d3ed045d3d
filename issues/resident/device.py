"""What a resident's phone remembers, in signed cookies: what it has proven, remembered matters, the community."""

import hmac

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from communities.access import access_of
from issues.enums import Proof
from issues.models import Issue
from issues.services.proof import mark_of

_PROVEN, _REMEMBERED, _COMMUNITY = "proof", "mine", "community"
_SALT = "issues.device"
_DAY = 24 * 3600
_YEAR = 365 * _DAY
_PROOF_KEPT = 180 * _DAY
"""As long as a leader's phone stays bound."""
_MOST = 20


def _read(request: HttpRequest, name: str) -> list[str]:
    kept = _PROOF_KEPT if name == _PROVEN else _YEAR
    value = request.get_signed_cookie(name, default="", salt=_SALT, max_age=kept)
    return [part for part in (value or "").split(".") if part]


def _write(request: HttpRequest, response: HttpResponseBase, name: str, values: list[str], kept: int = _YEAR) -> None:
    response.set_signed_cookie(
        name,
        ".".join(values[:_MOST]),
        salt=_SALT,
        max_age=kept,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def proof_of(request: HttpRequest, issue: Issue) -> Proof:
    """What this phone has proven of the matter; the contact must be loaded.

    It ends with a corrected phone. In a browser of somebody who may use the console it is never enough to act.
    """
    for kept in _read(request, _PROVEN):
        pk, _dash, rest = kept.partition("-")
        level, _dash, mark = rest.partition("-")
        if pk == str(issue.pk) and mark and hmac.compare_digest(mark, mark_of(issue)):
            proven = Proof(int(level))
            return min(proven, Proof.TAIL) if is_staff(request) else proven
    return Proof.LINK


def is_staff(request: HttpRequest) -> bool:
    """Whether somebody is signed in here who may use the console."""
    return access_of(request.user).is_staff


def keep_proof(request: HttpRequest, response: HttpResponse, issue: Issue, proof: Proof) -> None:
    """Do not ask this phone again. A staff browser keeps no more than what lets it read."""
    mark = mark_of(issue)
    kept = min(proof, Proof.TAIL) if is_staff(request) else max(proof, proof_of(request, issue))
    if not mark:
        return
    known = [value for value in _read(request, _PROVEN) if value.partition("-")[0] != str(issue.pk)]
    _write(request, response, _PROVEN, [f"{issue.pk}-{int(kept)}-{mark}", *known], _PROOF_KEPT)


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
