from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import checks, sessions  # noqa: F401 (the checks register themselves)
        from accounts.noting import note
        from common.clock import now

        def begin(request: HttpRequest, **_more: Any) -> None:
            sessions.begin(request, now())

        def end(user: Any, **_more: Any) -> None:
            if user is not None:
                note(user.pk, "sign_out", now())

        user_logged_out.connect(end, dispatch_uid="session ends", weak=False)
        user_logged_in.connect(begin, dispatch_uid="session begins", weak=False)
