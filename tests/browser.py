"""Finds the browser that the page tests drive, and installs one where there is none.

Debian's Chromium is taken when it is there; else `install` fetches it by apt (as root) or Playwright's own build.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def system_browser() -> str | None:
    """The path of a Chromium that came with the system, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwrights_own() -> bool:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where the system has no browser

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def install() -> str | None:
    """Sees to it that there is a browser. Returns None, or the one line that says what is missing."""
    if system_browser() or _playwrights_own():
        return None
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the tests of the pages (apt) ...", flush=True)
        if _succeeds("apt-get", "update", "-q") and _succeeds(
            "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"
        ):
            return None
    print("Fetching Playwright's Chromium for the tests of the pages ...", flush=True)
    if _succeeds(sys.executable, "-m", "playwright", "install", "chromium"):
        return None
    return "The tests of the pages need a browser: install the package 'chromium', then run make test again."


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit("usage: python tests/browser.py install")
    sys.exit(install())
