"""One JSON object per line on standard error: a short event name and fields. Secrets never get here.

`logs.info("run.finished", integration="jira-1", checked=100)`. Tests and searches go by the event's name.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

LOGGER = logging.getLogger("ticket-service")
LOGGER.addHandler(logging.NullHandler())  # until `to_stream`: else Python would show errors with their texts


class JsonLines(logging.Formatter):
    """A record as one line: time, level, event, then its fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, default=str, ensure_ascii=False)


def to_stream(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Sends our own lines to `stream` (standard error by default). Calling it again replaces where they go."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    LOGGER.handlers = [handler]
    LOGGER.setLevel(level)
    LOGGER.propagate = False


def info(event: str, **fields: object) -> None:
    LOGGER.info(event, extra={"fields": fields})


def warning(event: str, **fields: object) -> None:
    LOGGER.warning(event, extra={"fields": fields})


def failure(event: str, **fields: object) -> None:
    """Inside an `except`: names the exception's class and where it came from, not its text, which may hold a secret."""
    LOGGER.error(event, exc_info=True, extra={"fields": fields})
