"""Set-up: does only what changed, and says in one line what failed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module with an empty directory in place of the clone."""
    spec = importlib.util.spec_from_file_location("govtrack_setup", ROOT / "devhouse" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, path in {"BASE": ".", "VENV": ".venv", "LOCAL": ".local", "STAMPS": ".local/stamps"}.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    return module


def test_a_step_runs_once_for_one_state(setup: ModuleType, tmp_path: Path) -> None:
    done: list[str] = []
    made = tmp_path / "made"
    made.touch()
    assert setup.do_once("step", "one", lambda: done.append("one"), made=made)
    assert not setup.do_once("step", "one", lambda: done.append("again"), made=made)
    assert setup.do_once("step", "two", lambda: done.append("two"), made=made)
    made.unlink()
    assert setup.do_once("step", "two", lambda: done.append("lost"), made=made)
    assert done == ["one", "two", "lost"]


def test_a_step_that_failed_runs_again(setup: ModuleType) -> None:
    def fail() -> None:
        raise setup.SetupError("no")

    setup.do_once("step", "one", lambda: None)
    with pytest.raises(setup.SetupError):
        setup.do_once("step", "two", fail)
    assert setup.do_once("step", "one", lambda: None)


def test_what_the_tests_installed_is_enough_to_run_until_something_else_took_its_place(setup: ModuleType) -> None:
    done: list[str] = []

    def install(mode: str, state: str) -> None:
        setup.once_for(mode, "npm", state, lambda: done.append(f"{mode} {state}"))

    for mode, state in [
        ("test", "old"),
        ("run", "old"),
        ("run", "new"),
        ("run", "new"),
        ("run", "old"),
        ("test", "old"),
    ]:
        install(mode, state)
    assert done == ["test old", "run new", "run old", "test old"]


def test_a_failed_program_is_one_line(setup: ModuleType) -> None:
    with pytest.raises(setup.SetupError) as raised:
        setup.run(["/bin/sh", "-c", "echo noise; echo 'ERROR: the reason'; exit 3"], log="x", failure="It failed")
    assert str(raised.value) == "It failed: ERROR: the reason (whole story: .local/log/x.log)"
    with pytest.raises(setup.SetupError, match="It failed: "):
        setup.run(["/no/such/program"], log="x", failure="It failed")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("WARNING: Retrying (Retry(total=2)): NewConnectionError('refused')\nERROR: No matching", "cannot be reached"),
        ("npm error code EINTEGRITY", "a download arrived broken"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
    ],
)
def test_known_reasons_are_explained(setup: ModuleType, tmp_path: Path, text: str, meaning: str) -> None:
    log = tmp_path / "log"
    log.write_text(text, encoding="utf-8")
    assert meaning in setup.reason(log)


@pytest.mark.parametrize(("word", "line"), [("abc", "must be a number"), ("70000", "must be a number")])
def test_a_wrong_port_is_one_line(setup: ModuleType, monkeypatch: pytest.MonkeyPatch, word: str, line: str) -> None:
    monkeypatch.setenv("PORT", word)
    with pytest.raises(setup.SetupError, match=line):
        setup.check_port("run")


def test_no_python_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "env").symlink_to("/usr/bin/env")
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "setup"), "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "GovTrack needs Python 3.11 or newer, and none was found in PATH (set PYTHON to its path).\n"
    )


def test_translations_compile_without_gettext(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "待您受理"\nmsgstr "Waiting for you"\n',
        encoding="utf-8",
    )
    command = [sys.executable, str(ROOT / "scripts" / "compile_messages.py"), str(source)]
    subprocess.run(command, env={"PATH": ""}, check=True)
    import gettext

    with source.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("待您受理") == "Waiting for you"


def test_compose_env_is_private_and_never_replaced(tmp_path: Path) -> None:
    from scripts import compose_env

    path = tmp_path / ".env"
    compose_env.write(path, compose_env.values(demo=False))
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        compose_env.write(path, compose_env.values(demo=True))
    needed = {line.split("${")[1].split(":?")[0] for line in compose_lines() if ":?" in line}
    assert needed == set(compose_env.SECRETS) <= set(compose_env.values(demo=False))


def test_compose_env_adds_the_secrets_that_an_older_file_does_not_have(tmp_path: Path) -> None:
    from scripts import compose_env

    path, fresh = tmp_path / ".env", compose_env.values(demo=False)
    older = {name: value for name, value in fresh.items() if name != "POSTGRES_APP_PASSWORD"}
    compose_env.write(path, older)
    added = {**compose_env.values(demo=False), "POSTGRES_APP_PASSWORD": "new"}
    assert compose_env.complete(path, added) == ["POSTGRES_APP_PASSWORD"]
    found = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    assert found == {**older, "POSTGRES_APP_PASSWORD": "new"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert compose_env.complete(path, added) == []


def test_the_demonstration_is_asked_for_and_stays_on_loopback() -> None:
    from scripts import compose_env

    office, demonstration = compose_env.values(demo=False), compose_env.values(demo=True)
    assert (office["DEMO"], "GOVTRACK_TARGET" in office) == ("", False)
    assert (demonstration["DEMO"], demonstration["COMPOSE_PORT"]) == ("1", "127.0.0.1:8080")


def compose_lines() -> list[str]:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8").splitlines()


def test_the_image_holds_no_embedded_server() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "embedded" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "USER govtrack" in dockerfile
    assert os.access(ROOT / "deploy" / "entrypoint", os.X_OK)
