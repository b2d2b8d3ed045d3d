"""Whether the tests find the faults of mutations.toml: each in turn in a copy of the code, its quick tests must fail.

``python -m tests.mutations.run [WORD …]`` takes only mutations whose path or text holds one of the words. The last line
sums up; the exit code is 0 where every fault was found.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from devhouse.embedded import scratch_servers
from scripts.test import environment, interrupted

BASE = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutations.toml")
FAILED = 1
"""pytest's exit code where tests ran and some failed."""


@dataclass(frozen=True)
class Mutation:
    """``before`` stands once in the file at ``path``; with ``after`` in its place one of ``tests`` must fail."""

    path: str
    before: str
    after: str
    tests: tuple[str, ...]


def mutations() -> Iterator[Mutation]:
    """Those of the list, in its order."""
    for file in tomllib.loads(LIST.read_text(encoding="utf-8"))["file"]:
        for row in file["mutations"]:
            yield Mutation(file["path"], row["in"], row["out"], tuple(file["tests"]))


def mutated(mutation: Mutation, text: str) -> str:
    """The file's text with the fault. ValueError where the place is not there, or there more than once."""
    if text.count(mutation.before) != 1:
        raise ValueError(f"{mutation.path}: {text.count(mutation.before)} times {mutation.before!r}")
    return text.replace(mutation.before, mutation.after)


def copy_of_the_code(to: Path) -> None:
    """Every tracked file as it is here, and what the set-up made."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=BASE, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        if name and (BASE / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(BASE / name, to / name)
    for made in BASE.glob("locale/*/LC_MESSAGES/*.mo"):
        shutil.copy2(made, to / made.relative_to(BASE))
    for folder in ("staticfiles", "static/vendor", "node_modules"):
        if not (to / folder).exists():
            (to / folder).symlink_to(BASE / folder)


def prepare(code: Path, env: dict[str, str]) -> None:
    """Compile all of it once; the runs with a fault compile what that fault changed and keep nothing of it."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", "tests"]
    subprocess.run(command, cwd=code, env=env, capture_output=True, check=True)


def outcome(mutation: Mutation, code: Path, env: dict[str, str]) -> str:
    """``found``, ``MISSED`` or ``BROKEN`` (the tests could not be run)."""
    target = code / mutation.path
    text = target.read_text(encoding="utf-8")
    target.write_text(mutated(mutation, text), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--reuse-db", "-n0", "--part=quick", *mutation.tests]
        done = subprocess.run(command, cwd=code, env=env, capture_output=True, text=True, check=False)
    finally:
        target.write_text(text, encoding="utf-8")
    return {0: "MISSED", FAILED: "found"}.get(done.returncode, "BROKEN")


def main(words: list[str]) -> int:
    """Try them one after the other and say how each went."""
    signal.signal(signal.SIGTERM, interrupted)
    chosen = [row for row in mutations() if not words or any(word in f"{row.path} {row.before}" for word in words)]
    found = 0
    with TemporaryDirectory() as place, scratch_servers(BASE / ".local" / "scratch-mutations") as servers:
        code = Path(place)
        copy_of_the_code(code)
        env = environment(servers.environment()) | {"CHROMIUM": os.devnull}
        prepare(code, env)
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        for number, mutation in enumerate(chosen, 1):
            began = time.monotonic()
            how = outcome(mutation, code, env)
            found += how == "found"
            taken = f"{time.monotonic() - began:.0f} s"
            print(f"{number:3} {how} {taken:>6}  {mutation.path}: {mutation.before!r}", flush=True)
    print(f"{found} of {len(chosen)} faults found")
    return 0 if found == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
