"""Known weaknesses of the pinned packages, as OSV lists them: asks api.osv.dev, or OSV_URL, about docs/sbom.cdx.json.

It needs a network, so it judges nothing in `make check`: where nobody answers it says so and ends with 0. With findings
it lists them and ends with 0 too, with STRICT=1 with 1. Standard library alone.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

BILL = Path(__file__).resolve().parent.parent / "docs" / "sbom.cdx.json"
SECONDS = 20


def ask(url: str, packages: list[str]) -> list[list[str]]:
    """The identifiers of what is known of each package. Raises OSError or ValueError where nobody answers properly."""
    body = json.dumps({"queries": [{"package": {"purl": purl}} for purl in packages]}).encode()
    request = urllib.request.Request(f"{url}/v1/querybatch", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        results: list[dict[str, Any]] = json.load(response)["results"]
    if len(results) != len(packages):
        raise ValueError("as many answers as questions were expected")
    return [[str(row["id"]) for row in result.get("vulns", [])] for result in results]


def main() -> int:
    """Ask, and say what was found."""
    url = os.environ.get("OSV_URL", "https://api.osv.dev").rstrip("/")
    packages = [row["purl"] for row in json.loads(BILL.read_text(encoding="utf-8"))["components"]]
    try:
        found = ask(url, packages)
    except (OSError, ValueError, KeyError) as error:
        print(f"audit: {url} does not answer ({type(error).__name__}): nothing was looked up.")
        return 0
    known = {purl: ids for purl, ids in zip(packages, found, strict=True) if ids}
    for purl, ids in known.items():
        print(f"{purl}: {', '.join(ids)}")
    print(f"audit: {len(packages)} packages, {len(known)} with known weaknesses.")
    return 1 if known and os.environ.get("STRICT") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
