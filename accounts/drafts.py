"""The key under which a browser keeps what somebody is typing in the console, until the server has taken it.

It belongs to one person in one browser, stands nowhere and is given to a session of that person alone: what lies in the
browser is of no use to anybody else, nor to a page whose session is over (static/js/console/drafts.js).
"""

import base64
from typing import Final

from django.http import HttpRequest

from accounts.devices import browser_of
from accounts.models import User
from common.crypto import keyed_digest

FIELD: Final = "draft"
"""The field of a form that names its draft."""
COOKIE: Final = "desk_taken_"
"""Begins the name of the cookie that says that the server took what a draft held."""
TAKEN_FOR: Final = 24 * 3600
"""Seconds for which it says so: as long as a draft is kept."""


def key_of(request: HttpRequest, user: User) -> str:
    """32 bytes, base64."""
    browser = browser_of(request) or str(request.session.session_key)
    return base64.b64encode(bytes.fromhex(keyed_digest(f"drafts {user.pk} {browser}"))).decode()
