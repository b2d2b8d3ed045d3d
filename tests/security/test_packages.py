"""What the product is made of: a bill that names every pinned package, and how a scan of it ends."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts import sbom

BASE = Path(__file__).resolve().parents[2]


def components() -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(sbom.TARGET.read_text(encoding="utf-8"))["components"]
    return found


def test_the_bill_is_that_of_the_pinned_lists() -> None:
    assert sbom.TARGET.read_text(encoding="utf-8") == sbom.bill()


def test_it_names_every_package_of_the_image_and_what_asks_for_it() -> None:
    named = {row["purl"] for row in components()}
    pinned = {line.split()[0] for line in (BASE / "requirements.txt").read_text().splitlines() if "==" in line[:80]}
    assert {purl for purl in named if purl.startswith("pkg:pypi/")} == {
        f"pkg:pypi/{pin.split('[')[0].split('==')[0]}@{pin.split('==')[1]}" for pin in pinned if not pin.startswith("#")
    }
    content = json.loads(sbom.TARGET.read_text(encoding="utf-8"))
    asked = {one for row in content["dependencies"] for one in row["dependsOn"]}
    assert named - asked == {"pkg:npm/typed.js@2.1.0"}  # a peer that nothing served asks for


class _Osv(BaseHTTPRequestHandler):
    """Answers as osv.dev does: of one package something is known."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        found = [{"vulns": [{"id": "GHSA-1"}]} if "/django@" in one["package"]["purl"] else {} for one in asked]
        body = json.dumps({"results": found if self.path == "/v1/querybatch" else found[:1]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@contextmanager
def osv() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Osv) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def audited(url: str, strict: str = "") -> tuple[int, str]:
    command = [sys.executable, "scripts/audit.py"]
    env = {**os.environ, "OSV_URL": url, "STRICT": strict, "no_proxy": "127.0.0.1"}
    done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize(("strict", "code"), [("", 0), ("1", 1)])
def test_what_is_known_of_a_package_is_told(strict: str, code: int) -> None:
    with osv() as url:
        ended, told = audited(url, strict)
    (django,) = (row["purl"] for row in components() if row["name"] == "django")
    assert (ended, f"{django}: GHSA-1" in told, "1 with known weaknesses" in told) == (code, True, True)


def test_where_nobody_answers_nothing_is_claimed() -> None:
    with osv() as url:
        wrong = audited(f"{url}/somewhere-else", "1")
    for code, told in (wrong, audited(url, "1")):
        assert code == 0
        assert "nothing was looked up" in told
        assert "known weaknesses" not in told
