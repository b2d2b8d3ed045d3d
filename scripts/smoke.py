"""A smoke journey against a running demo installation, through its front door: `smoke.py http://127.0.0.1:8080`.

One matter travels by API from a resident's report to a closed case, and the pages around it answer. Standard library
alone.
"""

import http.cookiejar
import json
import re
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

FIRST_PASSWORD = "granite-river-9"  # noqa: S105 - of an installation that lives for a minute
PASSWORD = "guicheng-demo"  # noqa: S105 - public by contract, for demo installations only


class SmokeError(Exception):
    """The installation did not do what it should; the message is one readable line."""


def opener(jar: http.cookiejar.CookieJar | None = None) -> urllib.request.OpenerDirector:
    """An opener without proxies, with cookies where a jar is given."""
    cookies = http.cookiejar.CookieJar() if jar is None else jar
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies))


def get(url: str, **headers: str) -> tuple[int, str]:
    """Status and text of one GET; status 0 where nothing answers."""
    return fetch(opener(), urllib.request.Request(url, headers=headers))


def fetch(through: urllib.request.OpenerDirector, request: urllib.request.Request) -> tuple[int, str]:
    """Status and text of one request; status 0 where nothing answers."""
    try:
        with through.open(request, timeout=30) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


class Api:
    """The REST API as one account."""

    def __init__(self, base: str, username: str = "") -> None:
        self.base = f"{base}/api/v1"
        self.token = ""
        if username:
            self.token = self.call("/auth/token/", 200, {"username": username, "password": PASSWORD})["token"]

    def call(self, path: str, expected: int, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """GET, or POST where there is a body. Raises SmokeError for another status than the expected one."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        if body is not None:
            headers["Idempotency-Key"] = secrets.token_hex(16)
        data = None if body is None else json.dumps(body).encode()
        status, text = fetch(opener(), urllib.request.Request(f"{self.base}{path}", data=data, headers=headers))
        if status != expected:
            raise SmokeError(f"{path} answered {status} instead of {expected}: {text[:300]}")
        answer = json.loads(text or "{}")
        return answer if isinstance(answer, dict) else {"results": answer}

    def act(self, number: str, action: str, **fields: Any) -> dict[str, Any]:
        """One action on the current version of an issue."""
        path = f"/issues/{urllib.parse.quote(number)}/"
        version = self.call(path, 200)["version"]
        return self.call(f"{path}actions/{action}/", 200, {"version": version, **fields})


def expect(condition: bool, what: str) -> None:
    """Raises SmokeError where the condition does not hold."""
    if not condition:
        raise SmokeError(what)


def pages(base: str) -> None:
    """The public pages, in both languages, and sign-in with a session and its CSRF token."""
    for path in ("/", "/report/", "/track/", "/login/", "/healthz", "/api/schema/"):
        status, _text = get(f"{base}{path}")
        expect(status == 200, f"{path} answered {status}")
    _status, chinese = get(f"{base}/", **{"Accept-Language": "zh-CN"})
    _status, english = get(f"{base}/", **{"Accept-Language": "en"})
    expect("我要反映" in chinese, "the home page is not in Chinese")
    expect("我要反映" not in english, "the home page is not in English")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', chinese)
    expect(bool(styles) and get(f"{base}{styles[0]}")[0] == 200, "the style sheet of the home page is not served")
    sign_in(base, "clerk")


def sign_in(base: str, username: str) -> None:
    """Sign in by the form and open the inbox."""
    through = _signed_in(base, username, PASSWORD)
    status, inbox = fetch(through, urllib.request.Request(f"{base}/console/"))
    expect(status == 200 and "csrfmiddlewaretoken" in inbox, f"the inbox of {username} answered {status}")


def first_sign_in(base: str) -> None:
    """The first administrator of an empty office is led to the second factor; no published account works."""
    through = _signed_in(base, "first", FIRST_PASSWORD)
    status, page = fetch(through, urllib.request.Request(f"{base}/console/admin/office/"))
    expect(status == 200 and "<svg" in page and "id_code" in page, f"the second factor is not asked for: {status}")
    body = json.dumps({"username": "clerk", "password": PASSWORD}).encode()
    request = urllib.request.Request(
        f"{base}/api/v1/auth/token/", data=body, headers={"Content-Type": "application/json"}
    )
    status, _text = fetch(opener(), request)
    expect(status == 401, f"a published account got {status}")
    print("the first administrator signed in")


def _signed_in(base: str, username: str, password: str) -> urllib.request.OpenerDirector:
    through = opener(http.cookiejar.CookieJar())
    _status, form = fetch(through, urllib.request.Request(f"{base}/login/"))
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    expect(found is not None, "the sign-in page has no CSRF token")
    fields = {"csrfmiddlewaretoken": found.group(1) if found else "", "username": username, "password": password}
    request = urllib.request.Request(
        f"{base}/login/", data=urllib.parse.urlencode(fields).encode(), headers={"Referer": f"{base}/login/"}
    )
    fetch(through, request)
    return through


def journey(base: str) -> None:
    """One matter from the resident to the closed case. Raises SmokeError at the first thing that is wrong."""
    pages(base)
    clerk, officer = Api(base, "clerk"), Api(base, "officer")
    phone = f"139{secrets.randbelow(10**8):08d}"
    made = clerk.call(
        "/issues/",
        201,
        {
            "description": "小区南门路灯连续三晚不亮，老人夜里出行看不清台阶。",
            "community": "夏东社区",
            "category": clerk.call("/categories/", 200)["results"][0]["code"],
            "contact_name": "陈女士",
            "contact_phone": phone,
        },
    )
    number = made["number"]
    clerk.act(number, "accept")
    clerk.act(number, "dispatch", department="MUNICIPAL")
    officer.act(number, "acknowledge")
    officer.act(number, "reply", outcome="explained", note="灯具已报修，本周内更换，更换前已加装临时照明。")
    wait_for_notice(clerk, number)
    clerk.act(number, "verify_pass", check="phone", note="电话核实，临时照明已亮。")
    clerk.act(number, "record_follow_up", verdict="satisfied", solved="yes")
    found = Api(base).call("/public/issues/lookup/", 200, {"number": number, "phone_tail": phone[-4:]})
    expect(found["status"] == "closed", f"the resident reads {found['status']} instead of closed")
    status, _text = get(f"{base}/t/{made['token']}/")
    expect(status == 200, f"the secret link answered {status}")
    print(f"{number} went from the report to the closed case")


def wait_for_notice(reader: Api, number: str, seconds: float = 30) -> None:
    """The clerk is told by the worker that the answer is there."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if number in json.dumps(reader.call("/notifications/", 200), ensure_ascii=False):
            return
        time.sleep(1)
    raise SmokeError(f"no notification about {number} reached the clerk within {seconds:.0f} s")


if __name__ == "__main__":
    try:
        journey(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
    except SmokeError as failure:
        sys.exit(f"smoke journey failed: {failure}")
