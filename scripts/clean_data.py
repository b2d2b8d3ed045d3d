"""Throw the embedded data of this clone away: databases, logs and the keys that encrypted them."""

import shutil
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from devhouse.embedded import processes  # noqa: E402

KEPT = {"stamps", "setup.lock"}


def main() -> int:
    """Refuses with one line while something runs on the data."""
    local = BASE / ".local"
    for note in sorted((local / "run").glob("*.json")):
        if processes.read_state(note) is not None:
            print("GovTrack runs in this directory: stop it first.", file=sys.stderr)
            return 1
    for path in sorted(local.iterdir()) if local.is_dir() else []:
        if path.name in KEPT:
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print("The embedded data is gone; the next `make run` starts anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
