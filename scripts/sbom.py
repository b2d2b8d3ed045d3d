"""Write docs/sbom.cdx.json, the bill of materials, from the pinned lists; with --check say whether it has drifted.

CycloneDX 1.6: every Python package of the product (requirements.txt) and every npm package whose files it serves
(package-lock.json without what only developers use), which stand on which, and the npm ones' hash and licence. The
hashes of the Python packages, one for each wheel, stay in requirements.txt. Standard library alone.
"""

import base64
import json
import re
import sys
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent
TARGET = BASE / "docs" / "sbom.cdx.json"
PRODUCT = "govtrack"
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z0-9,]+\])?==([^\s;\\]+)")
VIA = re.compile(r"    #   (?:via )?(\S.*)|    # via (\S.*)")

Component = dict[str, Any]


def python_packages(text: str) -> tuple[list[Component], dict[str, set[str]]]:
    """The packages of a compiled list, and for each reference (the product's too) those that it asks for."""
    found: list[Component] = []
    named: dict[str, str] = {}
    asked: list[tuple[str, str]] = []
    for line in text.splitlines():
        if pin := PIN.match(line):
            name, version = pin[1].lower(), pin[2]
            named[name] = f"pkg:pypi/{name}@{version}"
            found.append(
                {"type": "library", "bom-ref": named[name], "name": name, "version": version, "purl": named[name]}
            )
        elif (via := VIA.fullmatch(line)) and found:
            asked.append(((via[1] or via[2]).partition("[")[0], found[-1]["bom-ref"]))
    edges: dict[str, set[str]] = {}
    for who, what in asked:
        edges.setdefault(PRODUCT if who.startswith("-r ") else named[who], set()).add(what)
    return found, edges


def npm_packages(lock: dict[str, Any]) -> tuple[list[Component], dict[str, set[str]]]:
    """The same of a lock file (version 3)."""
    served = {
        path.rpartition("node_modules/")[2]: row
        for path, row in lock["packages"].items()
        if path and not row.get("dev")
    }
    refs = {name: f"pkg:npm/{name.replace('@', '%40')}@{row['version']}" for name, row in served.items()}
    found = []
    for name, row in served.items():
        algorithm, _dash, value = row["integrity"].partition("-")
        component: Component = {"type": "library", "bom-ref": refs[name], "name": name, "version": row["version"]}
        component["hashes"] = [
            {"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(value).hex()}
        ]
        if "license" in row:
            component["licenses"] = [{"license": {"id": row["license"]}}]
        component["purl"] = refs[name]
        found.append(component)
    edges = {refs[name]: {refs[one] for one in row.get("dependencies", {})} for name, row in served.items()}
    edges[PRODUCT] = {refs[name] for name in lock["packages"][""]["dependencies"]}
    return found, {who: what for who, what in edges.items() if what}


def bill() -> str:
    """The whole file."""
    python, python_edges = python_packages((BASE / "requirements.txt").read_text(encoding="utf-8"))
    npm, npm_edges = npm_packages(json.loads((BASE / "package-lock.json").read_text(encoding="utf-8")))
    edges = {who: python_edges.get(who, set()) | npm_edges.get(who, set()) for who in {*python_edges, *npm_edges}}
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": PRODUCT, "name": PRODUCT}},
        "components": sorted(python + npm, key=lambda row: str(row["bom-ref"])),
        "dependencies": [{"ref": who, "dependsOn": sorted(edges[who])} for who in sorted(edges)],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Exit 1 where the file and the lists differ."""
    fresh = bill()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(fresh, encoding="utf-8")
        print(f"wrote {TARGET.relative_to(BASE)}")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == fresh:
        return 0
    print("docs/sbom.cdx.json has drifted from requirements.txt or package-lock.json: run make sbom")
    return 1


if __name__ == "__main__":
    sys.exit(main())
