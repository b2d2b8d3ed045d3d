"""`make check`: formatting, lint, types, floors, scripts, templates, migrations, translations, OpenAPI, SBOM, diagram.

All checks run; the last line says which failed. `check.py NAME ...` runs some of them.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent
FLOORS = (
    *("devhouse", "seeds", "govtrack", "api", "console", "phone", "offices", "privacy", "meetings", "proposals"),
    "leaders",
    "door",
    "ledger",
    *(
        "issues",
        "commitments",
        "reminders",
        "papers",
        "deadlines",
        "files",
        "communities",
        "accounts",
        "journal",
        "common",
    ),
)
ENVIRONMENT = {
    "DATABASE_URL": "postgres://check@127.0.0.1:9/check",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SECRET_KEY": "check",
    "PERSONAL_DATA_KEYS": "Y2hlY2stY2hlY2stY2hlY2stY2hlY2stY2hlY2stY2g=",
    "DEMO": "1",
    "PYTHONWARNINGS": "ignore::RuntimeWarning",
}


def sources() -> list[str]:
    """The directories and files that hold Python code."""
    names = [*FLOORS, "tests", "bench", "scripts"]
    return [name for name in names if any((BASE / name).rglob("*.py"))] + ["manage.py", "conftest.py"]


def checks() -> dict[str, list[str]]:
    """Each check and its command."""
    manage = [PYTHON, "manage.py"]
    node = str(BIN / "node")
    return {
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
        "types": [PYTHON, "-m", "mypy", "--no-error-summary", *sources()],
        "floors": [str(BIN / "lint-imports"), "--no-cache"],
        "scripts": [node, "node_modules/@biomejs/biome/bin/biome", "lint", "--error-on-warnings", "static/js"],
        "script-types": [node, "node_modules/typescript/bin/tsc"],
        "templates": [str(BIN / "djlint"), "templates", "--lint", "--quiet"],
        "styles": [PYTHON, "scripts/check_styles.py"],
        "template-lines": [PYTHON, "scripts/check_templates.py"],
        "system": [*manage, "check", "--fail-level", "WARNING"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "translations": [PYTHON, "scripts/check_messages.py"],
        "openapi": [PYTHON, "scripts/openapi.py", "--check"],
        "sbom": [PYTHON, "scripts/sbom.py", "--check"],
        "diagram": [*manage, "workflow_diagram", "--check"],
    }


def run(name: str, command: list[str]) -> bool:
    """Run one check; its output is shown where it fails."""
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=BASE,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = done.returncode == 0
    if not passed:
        print(done.stdout.rstrip())
    print(f"{'ok    ' if passed else 'FAILED'} {name} ({time.monotonic() - started:.0f} s)", flush=True)
    return passed


def main() -> int:
    """All checks, or those named as arguments."""
    known = checks()
    wanted = sys.argv[1:] or list(known)
    if unknown := [name for name in wanted if name not in known]:
        print(f"unknown: {', '.join(unknown)} (known: {', '.join(known)})", file=sys.stderr)
        return 2
    failed = [name for name in wanted if not run(name, known[name])]
    print(f"make check: {', '.join(failed)} failed" if failed else "make check: all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
