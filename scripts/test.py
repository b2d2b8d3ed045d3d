"""All tests on servers of their own. Further arguments go to pytest. The last line is pytest's summary."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from devhouse.embedded import EmbeddedError, processes, scratch_servers  # noqa: E402
from scripts import browser  # noqa: E402

KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="
# The live server of the journeys serves files by their plain names; `serve` and compose are tested with hashed ones.
PLAIN_STATIC_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
# One more than there are processors on a small machine: tests that kill processes or let time pass mostly wait.
WORKERS = "3"
REMOVED = (
    "DJANGO_SETTINGS_MODULE",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "EMAIL_URL",
    "DEBUG",
    "PORT",
    "PYTHONDONTWRITEBYTECODE",
)


def environment(servers: dict[str, str]) -> dict[str, str]:
    """What the tests see: nothing of the caller's configuration."""
    kept = {name: value for name, value in os.environ.items() if name not in REMOVED}
    fixed = {
        "SECRET_KEY": "tests-only",
        "PERSONAL_DATA_KEYS": KEY,
        "DEMO": "1",
        "LOG_FORMAT": "text",
        "STATICFILES_BACKEND": PLAIN_STATIC_FILES,
    }
    return {**kept, **fixed, **servers}


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the run as Ctrl-C does, with the servers stopped."""
    raise KeyboardInterrupt


def main() -> int:
    """Find a browser, start the servers, run pytest, give its exit code."""
    signal.signal(signal.SIGTERM, interrupted)
    skip_browser = os.environ.get("SKIP_BROWSER") == "1"
    if not skip_browser:
        path = browser.find()
        if path is None:
            print(browser.NONE_FOUND, file=sys.stderr)
            return 1
        os.environ["CHROMIUM"] = path
    # In the order of the collection: what waits for processes comes first, whatever the number of its tests.
    order = ["-n", WORKERS, "--dist", "loadgroup", "--no-loadscope-reorder"]
    pytest = [sys.executable, "-m", "pytest", *order, *sys.argv[1:]]
    try:
        with scratch_servers(BASE / ".local" / "scratch") as servers:
            command = [*processes.launcher(signal.SIGTERM), *pytest]
            return subprocess.run(command, cwd=BASE, env=environment(servers.environment()), check=False).returncode
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
