"""Are all texts of the interface translated? Needs GNU gettext's xgettext.

The source texts are Chinese; locale/en holds the English. Every text found in the code must be there, translated and
not fuzzy, with the same placeholders; nothing may be there that the code no longer uses.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

BASE = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale") / "en" / "LC_MESSAGES" / "django.po"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".local", "node_modules", "staticfiles", "vendor", "__pycache__", "tests", "bench", "scripts"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
SHOWN = 40

Key = tuple[str, str]


def found_in_code() -> dict[Key, polib.POEntry]:
    """Every text that xgettext finds in a copy of the tree."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory) / "tree"
        shutil.copytree(BASE, copy, ignore=LEFT_OUT)
        catalogue = copy / CATALOGUE
        catalogue.parent.mkdir(parents=True, exist_ok=True)
        catalogue.unlink(missing_ok=True)
        command = [sys.executable, "manage.py", "makemessages", "--locale", "en", "--no-wrap", "--verbosity", "0"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"makemessages failed: {(done.stderr or done.stdout).strip()}")
        return {key(entry): entry for entry in polib.pofile(str(catalogue)) if not entry.obsolete}


def key(entry: polib.POEntry) -> Key:
    """What tells texts apart."""
    return (entry.msgctxt or "", entry.msgid)


def faults(entry: polib.POEntry) -> list[str]:
    """What is wrong with one translation."""
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    found = []
    if "fuzzy" in entry.flags:
        found.append("fuzzy")
    if not all(text.strip() for text in texts):
        found.append("not translated")
        return found
    wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
    if any(not set(PLACEHOLDER.findall(text)) <= wanted for text in texts):
        found.append("unknown placeholder")
    if PLACEHOLDER.findall(entry.msgid) and set(PLACEHOLDER.findall(texts[-1])) != wanted:
        found.append("placeholder missing")
    return found


def main() -> int:
    """List what is missing, wrong or left over; 0 where the catalogue is complete."""
    if not shutil.which("xgettext"):
        print("make check needs xgettext (Debian: apt install gettext).")
        return 1
    if not (BASE / CATALOGUE).is_file():
        print(f"{CATALOGUE} is missing.")
        return 1
    known = {key(entry): entry for entry in polib.pofile(str(BASE / CATALOGUE)) if not entry.obsolete}
    found = found_in_code()
    problems = [f"missing: {msgid!r}" for _context, msgid in found.keys() - known.keys()]
    problems += [f"no longer used: {msgid!r}" for _context, msgid in known.keys() - found.keys()]
    for entry in known.values():
        problems += [f"{fault}: {entry.msgid!r}" for fault in faults(entry)]
    for problem in sorted(problems)[:SHOWN]:
        print(problem)
    if problems:
        print(f"{len(problems)} texts need a translator's hand in {CATALOGUE}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
