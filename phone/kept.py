"""A form that was not taken yet, kept by the server for a browser without scripts (door.drafts).

The browser has a cookie with a random word, signed, for a day; nothing else of the draft leaves the server but its own
form. Where a script sends, the phone is the keeper (static/js/phone/drafts.js), and the server only brings up to date
what it holds already. In the browser of somebody who works in the office nothing is kept: many people stand before it.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.i18n import set_language

from accounts.views import preferences
from common import dates
from common.clock import now
from common.http import network
from door import drafts
from door.drafts import UnsentForm
from files.processing import forget_these
from issues.resident import device
from issues.services.submissions import is_key

_COOKIE: Final = "draft"
_SALT: Final = "door.draft"
_SECONDS: Final = int(drafts.KEPT_FOR.total_seconds())
_FILLED_IN: Final = frozenset({"community", "building", "again", "confidential", "door"})
"""What a page says by itself, or what says nothing alone."""


@dataclass(frozen=True)
class FormKind:
    """A form that may be kept: its name, its fields, and whether something came of a key already."""

    name: str
    fields: tuple[str, ...]
    was_sent: Callable[[str], bool]


class FormKeeper:
    """What one request has to do with the drafts of its browser; ``finish`` goes around its answer."""

    def __init__(self, request: HttpRequest, kind: FormKind) -> None:
        self._request, self._kind = request, kind
        self._holder = request.get_signed_cookie(_COOKIE, default="", salt=_SALT, max_age=_SECONDS) or ""
        self._kept = False
        self._cookies: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """Of the form."""
        return self._kind.name

    @property
    def is_off(self) -> bool:
        """Nothing is kept: in an office's browser, and where the page was opened as that of a shared device."""
        return is_shared(self._request) or device.is_staff(self._request)

    def find(self) -> UnsentForm | None:
        """What this browser has under way; no statement for one that has nothing."""
        if not self._holder or self.is_off:
            return None
        return drafts.find(holder=self._holder, form=self._kind.name, at=now(), was_sent=self._kind.was_sent)

    def keep(self, key: str, typed: Mapping[str, str], uploads: Sequence[str]) -> UnsentForm | None:
        """Keep what a form brought that is shown again; None where it is not kept."""
        values = {name: typed[name] for name in self._kind.fields if typed.get(name)}
        if self.is_off or not is_key(key) or not (uploads or values.keys() - _FILLED_IN):
            return None
        if by_script(self._request) and not self._has(key):
            return None
        self._holder = self._holder or secrets.token_urlsafe(24)
        at = now()
        draft = UnsentForm(key, values, tuple(uploads), at, at + drafts.KEPT_FOR)
        self._kept = drafts.keep(holder=self._holder, form=self._kind.name, draft=draft, network=network(self._request))
        return draft if self._kept else None

    def _has(self, key: str) -> bool:
        return bool(self._holder) and drafts.has(holder=self._holder, form=self._kind.name, key=key)

    def sent(self, key: str) -> None:
        """Something came of the form: its draft goes."""
        if self._holder:
            drafts.forget(holder=self._holder, form=self._kind.name, key=key)

    def throw_away(self, key: str, uploads: Iterable[str]) -> None:
        """The person wants nothing of it any more: words and photos go."""
        forget_these(uploads)
        if self._holder and is_key(key):
            drafts.throw_away(holder=self._holder, form=self._kind.name, key=key)

    def switch(self) -> bool:
        """Whether the form came with a switch of language or letter size: then this answer is shown so already."""
        asked = self._request.POST
        if "language" in asked:
            answer = set_language(self._request)
        elif "elder" in asked:
            answer = preferences(self._request)
        else:
            return False
        for name, morsel in answer.cookies.items():
            self._request.COOKIES[name] = morsel.value
            self._cookies[name] = morsel
        if settings.LANGUAGE_COOKIE_NAME in self._cookies:
            translation.activate(asked["language"])
        return True

    def finish(self, response: HttpResponse) -> HttpResponse:
        """The cookie of what was kept now, and those of a switch."""
        for name, morsel in self._cookies.items():
            response.cookies[name] = morsel
        if self._kept:
            response.set_signed_cookie(
                _COOKIE, self._holder, salt=_SALT, max_age=_SECONDS, httponly=True, samesite="Lax",
                secure=self._request.is_secure(),
            )  # fmt: skip
        return response


def by_script(request: HttpRequest) -> bool:
    """Whether a script of the page sent the form."""
    return request.headers.get("X-Sent-By") == "script"


def is_shared(request: HttpRequest) -> bool:
    """Whether the page was opened as that of a device for everybody: ``?shared=1``, which its form carries on."""
    return (request.POST if request.method == "POST" else request.GET).get("shared") == "1"


def keeping_words(request: HttpRequest, draft: UnsentForm | None) -> dict[str, Any]:
    """What the page of such a form needs beside it: phone/_kept.html, the switches, and whether a phone may keep it."""
    return {
        "kept_until": dates.moment(draft.until) if draft else "",
        "kept_at": draft.kept_at.isoformat() if draft else "",
        "asked_to_keep": "keep" in request.POST,
        "is_shared": is_shared(request),
        "typed_form": "typed",
    }
