"""Compile the .po files named as arguments to .mo beside them. Fuzzy and obsolete entries are left out."""

import sys
from pathlib import Path

import polib


def main() -> None:
    """Compile each file; a temporary name keeps a running server from reading half of one."""
    for name in sys.argv[1:]:
        source = Path(name)
        draft = source.with_suffix(".mo.new")
        polib.pofile(str(source), check_for_duplicates=True).save_as_mofile(str(draft))
        draft.replace(source.with_suffix(".mo"))


if __name__ == "__main__":
    main()
