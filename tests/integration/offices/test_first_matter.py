"""From an empty installation to the first closed matter, with nothing but what an operator has."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from common.clock import now
from issues.models import Issue
from tests.integration.offices.test_load_office import OFFICE, folder_of

pytestmark = pytest.mark.django_db
PASSWORD = "lantern-40-fish"


def accept_invitation(path: str) -> None:
    """What an invited person does with the link."""
    browser = Client()
    form = browser.get("/" + path.split("/", 3)[3], follow=True).redirect_chain[-1][0]
    assert browser.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302


def signed_in(username: str) -> Client:
    browser = Client()
    answer = browser.post("/login/", {"username": username, "password": PASSWORD})
    assert answer.status_code == 302, username
    return browser


def test_from_an_empty_installation_to_a_closed_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("granite-river-9\n"))
    call_command("create_admin", "--username", "first", "--password-stdin", stdout=io.StringIO())
    links = tmp_path / "links.csv"
    call_command(
        "load_office", str(folder_of(OFFICE, tmp_path / "office")), "--links", str(links), stdout=io.StringIO()
    )
    for row in csv.DictReader(io.StringIO(links.read_text(encoding="utf-8-sig"))):
        accept_invitation(row["一次性链接"])
    clerk, officer = signed_in("lin.clerk"), signed_in("muni.officer")

    made = clerk.post(
        "/api/v1/issues/",
        {
            "description": "一巷口积水，行人绕行", "community": "松林社区", "category": "0301", "level": "normal",
            "contact_phone": "19900001234",
        },
        content_type="application/json",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert number.startswith("青山-")

    def act(browser: Client, action: str, **data: object) -> None:
        issue = Issue.objects.get(number=number)
        url = f"/api/v1/issues/{number}/actions/{action}/"
        answer = browser.post(url, {"version": issue.version, **data}, content_type="application/json")
        assert answer.status_code == 200, (action, answer.content.decode())

    act(clerk, "accept")
    act(clerk, "dispatch", department="MUNI")
    act(officer, "acknowledge")
    act(officer, "reply", outcome="explained", note="已查看，为临时施工排水，当日清理完毕。")
    act(clerk, "verify_pass", check="phone", note="电话核实无误")
    act(clerk, "record_follow_up", verdict="satisfied", solved="yes")
    issue = Issue.objects.get(number=number)
    assert (issue.status, issue.verdict, issue.solved) == ("closed", "satisfied", "yes")
    assert now() - issue.created_at < timedelta(minutes=5)
    seen = Client().post("/track/", {"number": number, "phone_tail": "1234"}, follow=True)
    assert number in seen.content.decode()
