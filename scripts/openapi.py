"""Write docs/openapi.yaml from the code, or say with --check whether it has drifted."""

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
TARGET = BASE / "docs" / "openapi.yaml"
SHOWN = 40


def generate(path: Path) -> None:
    """Write the schema to `path`; warnings of the generator are errors."""
    command = [sys.executable, "manage.py", "spectacular", "--file", str(path), "--validate", "--fail-on-warn"]
    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit((done.stderr or done.stdout).strip())


def main() -> int:
    """Exit 1 where the file and the code differ."""
    if "--check" not in sys.argv[1:]:
        generate(TARGET)
        print(f"wrote {TARGET.relative_to(BASE)}")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        fresh = Path(directory) / "openapi.yaml"
        generate(fresh)
        old = TARGET.read_text(encoding="utf-8").splitlines() if TARGET.is_file() else []
        new = fresh.read_text(encoding="utf-8").splitlines()
    if old == new:
        return 0
    for line in list(difflib.unified_diff(old, new, "docs/openapi.yaml", "the code", lineterm=""))[:SHOWN]:
        print(line)
    print("docs/openapi.yaml has drifted: run .venv/bin/python scripts/openapi.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
