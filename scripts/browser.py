"""Find a browser for the journeys: installed, else fetched by Playwright, else Debian's package under root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NONE_FOUND = (
    "No browser for the journeys: install Chromium or Chrome (or set CHROMIUM to its path). "
    "SKIP_BROWSER=1 leaves the browser journeys out."
)


def installed() -> str | None:
    """The path of an installed Chromium or Chrome that starts; CHROMIUM wins."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else list(INSTALLED)
    for name in names:
        path = shutil.which(name)
        if path and works(path):
            return path
    return None


def works(path: str) -> bool:
    """True where the program answers with its version (a stub that wants a package manager does not)."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "chrom" in answer.stdout.lower()


def fetched(download: bool) -> str | None:
    """The Chromium that Playwright keeps, downloaded first where allowed."""
    if download:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        try:
            subprocess.run(command, capture_output=True, timeout=300, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() and works(path) else None


def packaged() -> str | None:
    """Debian's Chromium, installed where this is root on a system with apt-get."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "chromium", "fonts-noto-cjk"]):
        if subprocess.run(command, capture_output=True, env=environment, timeout=900, check=False).returncode:
            return None
    return installed()


def find() -> str | None:
    """A browser that runs here, or None."""
    return installed() or fetched(download=False) or fetched(download=True) or packaged()
