from typing import Any

from django.apps import AppConfig
from django.http import HttpRequest


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from accounts import checks, sessions  # noqa: F401 (the checks register themselves)
        from common.clock import now

        def begin(request: HttpRequest, **_more: Any) -> None:
            sessions.begin(request, now())

        user_logged_in.connect(begin, dispatch_uid="session begins", weak=False)
