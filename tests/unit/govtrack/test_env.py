"""Readers of the environment and of `.local/env`."""

import os
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from govtrack import env


@pytest.mark.parametrize(
    ("word", "expected"), [("1", True), ("true", True), ("YES", True), ("0", False), ("off", False), ("", False)]
)
def test_env_bool_reads_words(monkeypatch: pytest.MonkeyPatch, word: str, expected: bool) -> None:
    monkeypatch.setenv("DEMO", word)
    assert env.env_bool("DEMO") is expected


def test_env_bool_refuses_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "maybe")
    with pytest.raises(ImproperlyConfigured, match="DEMO must be 1 or 0"):
        env.env_bool("DEMO")


def test_env_int_refuses_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_WORKERS", "two")
    with pytest.raises(ImproperlyConfigured, match="WEB_WORKERS must be a whole number"):
        env.env_int("WEB_WORKERS", default=2)


def test_env_list_drops_empty_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", " a.example, ,b.example,")
    assert env.env_list("ALLOWED_HOSTS", default=["x"]) == ["a.example", "b.example"]
    monkeypatch.setenv("ALLOWED_HOSTS", "")
    assert env.env_list("ALLOWED_HOSTS", default=["x"]) == ["x"]


def test_missing_secret_is_one_line_outside_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET_KEY is not set") as raised:
        env.required_secret("SECRET_KEY", demo=False)
    assert "\n" not in str(raised.value)
    assert env.required_secret("SECRET_KEY", demo=True) != env.required_secret("PERSONAL_DATA_KEYS", demo=True)


def test_local_env_fills_only_what_is_unset(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.write_env_file(tmp_path / ".local" / "env", {"SECRET_KEY": "from-file", "DEMO": "1", "GT_TEST_ONLY": "x"})
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("SECRET_KEY", "from-environment")
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("GT_TEST_ONLY", "")
    env.load_local_env(tmp_path)
    assert (os.environ["SECRET_KEY"], os.environ["DEMO"], os.environ["GT_TEST_ONLY"]) == ("from-environment", "0", "x")


def test_local_env_is_not_read_where_a_database_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env.write_env_file(tmp_path / ".local" / "env", {"GT_TEST_ONLY": "x"})
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    monkeypatch.delenv("GT_TEST_ONLY", raising=False)
    env.load_local_env(tmp_path)
    assert "GT_TEST_ONLY" not in os.environ


def test_env_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "env"
    env.write_env_file(path, {"A": "1"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert env.read_env_file(path) == {"A": "1"}


def test_no_database_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL is not set\. [^\n]+$"):
        env.required_url("DATABASE_URL")
