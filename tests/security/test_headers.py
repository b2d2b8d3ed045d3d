"""M4, M5 and the low rows on headers: who reads the figures, what leads to https, what browsers keep."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from devhouse.embedded import processes
from govtrack.url_permissions import URL_RULES
from tests.support.cast import World

TOKEN = "uT3-vX9_qLm2Zk8RwB5nYc7HdJs4Gf6P"
STRANGERS: dict[str, dict[str, Any]] = {
    "another machine": {"REMOTE_ADDR": "10.0.0.7"},
    "one that says it is this one": {"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    "through a proxy beside us": {"HTTP_X_FORWARDED_FOR": "10.0.0.7"},
    "through a proxy that says little": {"HTTP_VIA": "1.1 proxy"},
    "through a proxy that says nothing": {"HTTP_HOST": "gov.example.org"},
    "a wrong token": {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer x"},
    "an empty token": {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer "},
    "the token in another way": {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": f"Token {TOKEN}"},
}


def scraped(**extra: Any) -> int:
    asked = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"} | extra
    return Client().get("/metrics", **asked).status_code


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", TOKEN])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_read_no_figures(stranger: str, token: str) -> None:
    with override_settings(METRICS_TOKEN=token, ALLOWED_HOSTS=["*"]):
        assert scraped(**STRANGERS[stranger]) == 401


@pytest.mark.django_db
@override_settings(METRICS_TOKEN=TOKEN, ALLOWED_HOSTS=["*"])
def test_who_may_reads_them() -> None:
    assert scraped() == 200
    assert scraped(REMOTE_ADDR="::1", HTTP_HOST="[::1]:8000") == 200
    assert scraped(REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=f"Bearer {TOKEN}") == 200


BEHIND = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_SSL_HOST": "gov.example.org",
    "SECURE_HSTS_SECONDS": 31536000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@pytest.mark.django_db
def test_http_leads_to_https_and_https_stays() -> None:
    with override_settings(**BEHIND):
        answer = Client().get("/login/?next=/console/")
        assert (answer.status_code, answer["Location"]) == (301, "https://gov.example.org/login/?next=/console/")
        assert Client().get("/healthz").status_code == 200
        secure = Client().get("/login/", headers={"x-forwarded-proto": "https"})
    assert secure.status_code == 200
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.long
def test_no_page_is_kept_by_a_browser_and_none_may_use_the_device(world: World) -> None:
    """Every address without arguments, as everybody."""
    bad: dict[str, str] = {}
    for username in (None, "clerk", "head", "leader", "director", "admin"):
        client = Client()
        if username:
            client.force_login(world.people[username], backend="django.contrib.auth.backends.ModelBackend")
        for name in URL_RULES:
            if any(part in name for part in ("logout",)) or not (path := plain(name)):
                continue
            answer = client.get(path)
            kept = answer.headers.get("Cache-Control", "")
            if "no-store" not in kept and "no-cache" not in kept and "max-age=0" not in kept:
                bad[path] = kept
            assert answer.headers["Permissions-Policy"].count("=()") >= 9, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
            policy = answer.headers["Content-Security-Policy"]
            assert {"default-src 'self'", "object-src 'none'"} <= set(policy.split("; ")), path
            assert not any(word in policy for word in ("http", "unsafe", "*")), path
            assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers), path
            content = answer.headers.get("Content-Type", "")
            assert not content.startswith("text/") or "charset=utf-8" in content, path
    assert bad == {}


def plain(name: str) -> str:
    from django.urls import NoReverseMatch

    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def test_no_script_keeps_what_was_typed_beyond_the_tab() -> None:
    """But for a report on one's own phone, for seven days, until it is sent or its leader signs out.

    And in the console, for a day, encrypted with a key that only a session of the same person is given.
    """
    scripts = {path: path.read_text(encoding="utf-8") for path in Path("static/js").rglob("*.js")}
    keeping = [path for path, text in scripts.items() if "localStorage" in text or "indexedDB.open" in text]
    assert sorted(keeping) == [Path("static/js/console/drafts.js"), Path("static/js/phone/drafts.js")]
    assert "KEPT_FOR = 7 * 24 * 3600 * 1000" in scripts[Path("static/js/phone/drafts.js")]
    desk = scripts[Path("static/js/console/drafts.js")]
    assert "KEPT_FOR = 24 * 3600 * 1000" in desk
    assert "crypto.subtle.encrypt" in desk
    assert 'deleteDatabase("desk")' in desk
    assert "[data-forget-drafts]" in desk
    assert "indexedDB.deleteDatabase" in scripts[Path("static/js/phone/forms.js")]
    opening = sorted(path.name for path, text in scripts.items() if "caches.open" in text)
    assert opening == ["queue.js", "worker.js"], "the one takes out of it, the other keeps the pages that name nobody"
    assert "caches.delete" in scripts[Path("static/js/phone/forms.js")]
    assert Path("templates/phone/leader/home.html").read_text().count("data-wipe") == 2
    forgets = scripts[Path("static/js/console/theme.js")]
    assert "sessionStorage.removeItem" in forgets
    assert "action=\"{% url 'logout' %}\" data-forget-drafts" in Path("templates/console/_header.html").read_text()


def test_logs_are_their_owners(tmp_path: Path) -> None:
    old_mask = os.umask(0)
    try:
        older = tmp_path / "older.log"
        older.write_text("before")
        for log in (tmp_path / "log" / "web.log", older):
            processes.spawn([sys.executable, "-c", "print('x')"], log=log).wait()
            assert stat.S_IMODE(log.stat().st_mode) == 0o600
    finally:
        os.umask(old_mask)
