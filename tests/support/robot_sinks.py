"""The vendors' ends of the channels, with their rules: what a real robot refuses, these refuse, in the same words.

Each is used in a ``with`` block (see tests.support.http_sink for what they record and how they fail), or runs by
itself, for tests that kill it::

    python -m tests.support.robot_sinks --kind dingtalk --port 0 --log /tmp/accepted.jsonl

which prints one line of JSON (kind, port, url, secret) and serves until it is killed. None of this imports the
product: signatures are computed here from the vendors' documents, so that the adapters are checked by somebody else.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.support.http_sink import Accepted, Answer, Clock, Failure, HttpSink, Request, read_log

__all__ = [
    "SINKS",
    "Accepted",
    "DingTalkSink",
    "Failure",
    "FeishuSink",
    "HttpSink",
    "SmsSink",
    "WeComSink",
    "WebhookSink",
    "read_log",
]

_REFERENCE: Final = re.compile(r"(?:通知编号|Reference)[ ：:]*([0-9A-Za-z._-]+)")
HOUR, MINUTE = 3600.0, 60.0


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _reference(text: str) -> str:
    found = _REFERENCE.search(text)
    return found.group(1) if found else ""


class RobotSink(HttpSink):
    """A group's robot: a window of a minute, and somebody who must not be mentioned."""

    per_minute = 20
    default_secret = "SECrobot"

    def __init__(self, *, secret: str | None = None, clock: Clock = time.time, log: Path | None = None, port: int = 0):
        super().__init__(secret=self.default_secret if secret is None else secret, clock=clock, log=log, port=port)
        self.muted_until = 0.0

    @property
    def most_in_a_minute(self) -> int:
        """The greatest number that any 60 seconds saw accepted."""
        times = [accepted.at for accepted in self.received]
        return max((sum(1 for at in times if start <= at < start + MINUTE) for start in times), default=0)

    def within(self, seconds: float, at: float) -> int:
        """How many were accepted in the last ``seconds``."""
        return sum(1 for accepted in self.received if accepted.at > at - seconds)

    def take(self, text: str, request: Request, payload: Mapping[str, Any]) -> None:
        """Accept a message, and see to it that nobody is mentioned by it."""
        if "@" in text or "<at" in text:
            self.violate("somebody was mentioned")
        self.accept(Accepted(_reference(text), request.at, text, payload, request.headers))


class WeComSink(RobotSink):
    """WeCom: markdown of at most 4,096 bytes, text of 2,048; the key in the query is all there is to know."""

    kind = "wecom"
    path = "/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
    default_secret = ""

    def judge(self, request: Request) -> Answer:
        payload = _parsed(request.body)
        form = str(payload.get("msgtype", ""))
        text = str((payload.get(form) or {}).get("content", ""))
        if request.query.get("key") != self.path.partition("key=")[2]:
            return self._no(93000, "invalid webhook url, hint: [1620132870_51_88bf], from ip: 103.56.76.2")
        if form not in ("markdown", "text"):
            return self._no(40008, "invalid message type")
        if not text:
            return self._no(44004, "empty content")
        if len(text.encode()) > (4096 if form == "markdown" else 2048):
            self.violate("too long")
            return self._no(40058, f"{form}.content exceed max length 4096. invalid Request Parameter")
        if self.within(MINUTE, request.at) >= self.per_minute:
            self.violate("more than 20 a minute")
            return self._no(45009, "api freq out of limit")
        self.take(text, request, payload)
        return Answer(200, {"errcode": 0, "errmsg": "ok"})

    def _no(self, code: int, words: str) -> Answer:
        self.refuse(code)
        return Answer(200, {"errcode": code, "errmsg": words})


class DingTalkSink(RobotSink):
    """DingTalk: signed, 20,000 bytes, 20 a minute; one more and it is deaf for ten minutes."""

    kind = "dingtalk"
    path = "/robot/send?access_token=d1ngt4lk70k3n0123456789abcdef"

    def judge(self, request: Request) -> Answer:
        payload = _parsed(request.body)
        form = str(payload.get("msgtype", ""))
        part = payload.get(form) or {}
        text = str(part.get("text" if form == "markdown" else "content", ""))
        if request.query.get("access_token") != self.path.partition("access_token=")[2]:
            return self._no(300001, "token is not exist")
        if request.at < self.muted_until:
            self.violate("sent while muted")
            return self._no(130101, "send too fast, exceed 20 times per minute")
        if not self._signed(request):
            self.violate("bad signature")
            return self._no(310000, "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]")
        if form not in ("markdown", "text"):
            return self._no(400105, "不支持的消息类型")
        if not text or (form == "markdown" and not part.get("title")):
            return self._no(40035, "缺少参数 json")
        if len(request.body) > 20_000:
            self.violate("too long")
            return self._no(460101, "message too long, exceed 20000 bytes")
        if self.within(MINUTE, request.at) >= self.per_minute:
            self.muted_until = request.at + 600
            self.violate("more than 20 a minute")
            return self._no(130101, "send too fast, exceed 20 times per minute")
        if any((payload.get("at") or {}).values()):
            self.violate("somebody was mentioned")
        self.take(text, request, payload)
        return Answer(200, {"errcode": 0, "errmsg": "ok"})

    def _signed(self, request: Request) -> bool:
        if not self.secret:
            return True
        stamp = request.query.get("timestamp", "")
        if not stamp.isdigit() or len(stamp) != 13 or abs(int(stamp) / 1000 - request.at) > HOUR:
            return False
        key = self.secret.encode()
        wanted = base64.b64encode(hmac.new(key, stamp.encode() + b"\n" + key, hashlib.sha256).digest()).decode()
        return hmac.compare_digest(wanted, request.query.get("sign", ""))

    def _no(self, code: int, words: str) -> Answer:
        self.refuse(code)
        return Answer(200, {"errcode": code, "errmsg": words})


class FeishuSink(RobotSink):
    """Feishu: the signature is in the body, 20 kB, 100 a minute and 5 a second; refusals come with HTTP 200 and 400."""

    kind = "feishu"
    path = "/open-apis/bot/v2/hook/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    per_minute = 100

    def judge(self, request: Request) -> Answer:
        payload = _parsed(request.body)
        text = _feishu_text(payload)
        if request.path != self.path:
            return self._no(200, 19001, "param invalid: incoming webhook access token invalid")
        if not self._signed(payload, request.at):
            self.violate("bad signature")
            return self._no(200, 19021, "sign match fail or timestamp is not within one hour from current time")
        if not text:
            return self._no(400, 9499, "Bad Request")
        if len(request.body) > 20 * 1024:
            self.violate("too long")
            return self._no(400, 19036, "request body too large")
        if self.within(1, request.at) >= 5:
            self.violate("more than 5 a second")
            return self._no(400, 9499, "too many request")
        if self.within(MINUTE, request.at) >= self.per_minute:
            self.violate("more than 100 a minute")
            return self._no(200, 11232, "create message service trigger rate limit")
        self.take(text, request, payload)
        return Answer(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    def _signed(self, payload: Mapping[str, Any], at: float) -> bool:
        if not self.secret:
            return True
        stamp = str(payload.get("timestamp", ""))
        if not stamp.isdigit() or len(stamp) != 10 or abs(int(stamp) - at) > HOUR:
            return False
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64encode(digest).decode(), str(payload.get("sign", "")))

    def _no(self, status: int, code: int, words: str) -> Answer:
        self.refuse(code)
        return Answer(status, {"code": code, "data": {}, "msg": words})


def _feishu_text(payload: Mapping[str, Any]) -> str:
    content = payload.get("content") or {}
    if payload.get("msg_type") == "text":
        return str(content.get("text", ""))
    if payload.get("msg_type") != "post":
        return ""
    post: Mapping[str, Any] = next(iter((content.get("post") or {}).values()), {})
    lines = ["".join(_feishu_tag(tag) for tag in line) for line in post.get("content", [])]
    return "\n".join([post.get("title", ""), *lines])


def _feishu_tag(tag: Mapping[str, Any]) -> str:
    return {"text": str(tag.get("text")), "a": f"{tag.get('text')} {tag.get('href')}"}.get(tag.get("tag", ""), "<at>")


class SmsSink(HttpSink):
    """An SMS gateway as reminders.channels.sms describes it: an id that it has seen is not sent a second time.

    ``refuse_numbers`` are numbers that it calls invalid. ``sent`` counts messages that reached a telephone.
    """

    kind = "sms"
    path = "/sms/v1/messages"
    per_minute = 600

    def __init__(
        self, *, secret: str = "sms-secret", clock: Clock = time.time, log: Path | None = None, port: int = 0
    ) -> None:
        super().__init__(secret=secret, clock=clock, log=log, port=port)
        self.refuse_numbers: set[str] = set()

    @property
    def sent(self) -> int:
        """Short messages that reached a telephone."""
        return len(set(self.ids))

    def judge(self, request: Request) -> Answer:
        payload = _parsed(request.body)
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return self._no(401, "unauthorized")
        params = payload.get("params")
        if set(payload) != {"id", "to", "template", "params"} or not isinstance(params, dict):
            return self._no(400, "invalid_request")
        number = str(payload["to"])
        if number in self.refuse_numbers or not re.fullmatch(r"\+?[0-9]{6,15}", number):
            return self._no(400, "invalid_number")
        if sum(1 for taken in self.received if taken.at > request.at - MINUTE) >= self.per_minute:
            return self._no(429, "too_many_requests", {"Retry-After": "30"})
        text = json.dumps(params, ensure_ascii=False)
        self.accept(Accepted(str(payload["id"]), request.at, text, payload, request.headers))
        return Answer(200, {"ok": True})

    def _no(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
        self.refuse(status)
        return Answer(status, {"ok": False, "code": code, "message": "no"}, headers or {})


class WebhookSink(HttpSink):
    """Another system that is told: it checks the signature and that the message is not older than five minutes."""

    kind = "webhook"
    path = "/govtrack/events"

    def __init__(
        self, *, secret: str = "webhook-secret", clock: Clock = time.time, log: Path | None = None, port: int = 0
    ) -> None:
        super().__init__(secret=secret, clock=clock, log=log, port=port)
        self.status = 204

    def judge(self, request: Request) -> Answer:
        stamp = request.headers.get("x-govtrack-timestamp", "")
        signed = stamp.encode() + b"." + request.body
        wanted = "v1=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, request.headers.get("x-govtrack-signature", "")):
            self.violate("bad signature")
            return self._no(401)
        if not stamp.isdigit() or abs(int(stamp) - request.at) > 300:
            self.violate("outside the replay window")
            return self._no(401)
        identifier = request.headers.get("x-govtrack-delivery", "")
        payload = _parsed(request.body)
        if self.status >= 300:
            return self._no(self.status)
        text = request.body.decode("utf-8", "replace")
        self.accept(Accepted(identifier, request.at, text, payload, request.headers))
        return Answer(self.status if self.status != 204 else 200, {})

    def _no(self, status: int) -> Answer:
        self.refuse(status)
        return Answer(status, {})


SINKS: Final[Mapping[str, type[HttpSink]]] = {
    sink.kind: sink for sink in (WeComSink, DingTalkSink, FeishuSink, SmsSink, WebhookSink)
}


def main(arguments: list[str] | None = None) -> None:
    """Serve one sink until the process is ended."""
    parser = argparse.ArgumentParser(description="A vendor's end of a channel, for tests.")
    parser.add_argument("--kind", choices=sorted(SINKS), required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--secret")
    parser.add_argument("--fail", choices=[failure.value for failure in Failure])
    options = parser.parse_args(arguments)
    given = {} if options.secret is None else {"secret": options.secret}
    with SINKS[options.kind](port=options.port, log=options.log, **given) as sink:
        if options.fail:
            sink.fail(Failure(options.fail))
        print(json.dumps({"kind": sink.kind, "port": sink.port, "url": sink.url, "secret": sink.secret}), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
