"""No line of a template is longer than 120 characters.

What is longer is broken between the attributes of a tag, before its `>`, or beside a block: white space between inline
nodes would be seen, in Chinese more than elsewhere. A tag of Django cannot be broken: `{% with %}` before it makes it
shorter.
"""

import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
LONGEST = 120


def main() -> int:
    """Print each line that is too long."""
    found = [
        f"{path.relative_to(BASE)}:{number}: {len(line)} characters"
        for path in sorted((BASE / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST
    ]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
