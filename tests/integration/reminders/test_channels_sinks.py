"""The sinks themselves: what they refuse, and that a killed one forgets nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from reminders.channels import open_sender
from reminders.channels.base import DeliveryError, Trouble
from reminders.channels.http import HttpSender
from reminders.models import DeliveryChannel
from tests.support.parcels import parcel
from tests.support.robot_sinks import SINKS, Failure, FeishuSink, WeComSink, read_log

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def running(kind: str, log: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A sink as a process of its own, and what it says of itself."""
    command = [sys.executable, "-m", "tests.support.robot_sinks", "--kind", kind, "--log", str(log), *more]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def send(about: dict[str, Any], identifier: str) -> None:
    sender = open_sender(DeliveryChannel(kind=about["kind"], name="x", url=about["url"], secret=about["secret"]))
    assert isinstance(sender, HttpSender)
    sender.read_timeout = 60
    sender.send(parcel(id=identifier, to="13800138000"))
    sender.close()


@pytest.mark.parametrize("kind", sorted(SINKS))
def test_a_killed_sink_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with running(kind, log) as (process, about):
        send(about, "1.1")
        process.send_signal(signal.SIGKILL)
        process.wait()
        with pytest.raises(DeliveryError) as caught:
            send(about, "2.2")
        assert caught.value.trouble is Trouble.AWAY
    with running(kind, log, "--port", str(about["port"])) as (_, again):
        assert again == about
        send(again, "2.2")
    assert [line["id"] for line in read_log(log)] == ["1.1", "2.2"]


def test_a_message_whose_answer_was_lost_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with running("dingtalk", log, "--fail", "die_after") as (_, about), pytest.raises(DeliveryError):
        send(about, "1.1")
    assert [line["what"] for line in read_log(log)] == ["accepted"]


def test_a_restarted_robot_still_counts_the_minute(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    moment = time.time()
    log.write_text("".join(json.dumps({"what": "accepted", "id": f"{n}", "at": moment}) + "\n" for n in range(20)))
    with running("dingtalk", log) as (_, about), pytest.raises(DeliveryError) as caught:
        send(about, "21.1")
    assert caught.value.trouble is Trouble.BUSY
    assert {"what": "violation", "words": "more than 20 a minute"} in read_log(log)


def test_a_torn_line_counts_for_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"what": "accepted", "id": "1.1", "at": 5}\n{"what": "acc')
    assert [line["id"] for line in read_log(log)] == ["1.1"]
    assert WeComSink(log=log).ids == ["1.1"]
    assert not read_log(tmp_path / "none")


def test_a_mention_is_a_violation() -> None:
    with WeComSink() as sink:
        body = {"msgtype": "markdown", "markdown": {"content": "<@all> 通知编号 1.1"}}
        assert requests.post(sink.url, json=body, timeout=60).json()["errcode"] == 0
        assert sink.violations == ["somebody was mentioned"]
        assert sink.ids == ["1.1"]


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_what_is_too_long_or_no_message_is_refused(kind: str) -> None:
    with SINKS[kind](secret="") as sink:
        for text in ("长" * 9000, ""):
            body = {
                "wecom": {"msgtype": "markdown", "markdown": {"content": text}},
                "dingtalk": {"msgtype": "markdown", "markdown": {"title": "x", "text": text}},
                "feishu": {"msg_type": "text", "content": {"text": text}},
            }[kind]
            data = json.dumps(body, ensure_ascii=False).encode()
            answer = requests.post(sink.url, data=data, timeout=60).json()
            assert answer.get("errcode") or answer.get("code")
        requests.post(sink.url, data=b"[", timeout=60)
        assert len(sink.refused) == 3
        assert not sink.ids


def test_failures_queue_up_and_end() -> None:
    with FeishuSink(secret="") as sink:
        sink.fail(Failure.ERROR, 2)
        sink.fail(Failure.GONE)
        body = {"msg_type": "text", "content": {"text": "x"}}
        assert [requests.post(sink.url, json=body, timeout=60).status_code for _ in range(4)] == [500, 500, 410, 410]
        sink.recover()
        assert requests.post(sink.url, json=body, timeout=60).json()["code"] == 0


def test_a_held_message_is_taken_and_not_answered() -> None:
    with FeishuSink(secret="") as sink:
        sink.hold.clear()
        with pytest.raises(requests.ReadTimeout):
            requests.post(sink.url, json={"msg_type": "text", "content": {"text": "x"}}, timeout=0.3)
        assert sink.wait_for(1, 60)


def test_a_sink_needs_nothing_of_the_product() -> None:
    code = """
import sys
import tests.support.robot_sinks
print(sum(name.split(".")[0] in ("django", "reminders") for name in sys.modules))
"""
    environment = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
