"""Looks a short name up in `sources.md`: what is written there, in one line. Judges nothing."""

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("sources.md")
_LISTED = re.compile(r"^- `\[(?P<name>[^\]]+)\]` (?P<text>.*(?:\n  (?! *\d\.).*)*)", re.MULTILINE)
_ROW = re.compile(r"^\| (?P<name>R\d+|jira [\d.]+) \| (?P<text>.*) \|$", re.MULTILINE)


@cache
def sources() -> dict[str, str]:
    """Short name -> what sources.md says about it."""
    text = FILE.read_text("utf-8")
    found = [*_LISTED.finditer(text), *_ROW.finditer(text)]
    return {one["name"]: re.sub(r"\s+", " ", one["text"]) for one in found}
