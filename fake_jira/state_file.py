"""Worlds in a file, so that a fake that was stopped goes on where it was.

One JSON document, written beside the old one and put in its place, so that a crash leaves either the old or the new.
Records are read back by their type hints. Faults and journal are not kept, and the state is saved healed of world
faults, for after a restart nobody could clear them. Searches see everything at once after loading.
"""

import gc
import types
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson

from fake_jira.model.data_center_doors import Doors
from fake_jira.model.state import State
from fake_jira.worlds import DEFAULT, Switches, World, Worlds

FORMAT = 1
KEPT = [field.name for field in fields(State) if field.name != "index"]


class StateFileBroken(Exception):
    """The state file cannot be read or written; the sentence says why and what to do."""


class StateFile:
    """One file. `loaded` tells whether the worlds came from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loaded = False
        self._saved: dict[str, dict[str, Any]] = {}

    def load(self, worlds: Worlds) -> bool:
        """Puts the saved worlds into `worlds`; False if there is no file yet. Raises StateFileBroken."""
        collecting = gc.isenabled()
        gc.disable()  # a hundred thousand new records and no garbage among them: collecting doubles the time
        try:
            for saved in _read(self.path.read_bytes()):
                _restore(worlds, saved)
        except FileNotFoundError:
            if not self.path.parent.is_dir():
                raise StateFileBroken(f"The folder of the state file {self.path} does not exist.") from None
            return False
        except OSError as error:
            raise StateFileBroken(f"The state file {self.path} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}" if isinstance(error, KeyError | AttributeError) else error
            raise StateFileBroken(
                f"The state file {self.path} is not one of a fake Jira ({why}); move it away to start afresh."
            ) from error
        finally:
            if collecting:
                gc.enable()
        self.loaded = True
        return True

    def save(self, worlds: Worlds) -> bool:
        """Writes the file if something has changed since the last time; whether it did. Raises StateFileBroken."""
        now = {world.name: _picture(world) for world in worlds}
        if now == self._saved:
            return False
        document = {"format": FORMAT, "worlds": [_dumped(world) for world in worlds]}
        beside = self.path.with_name(f"{self.path.name}.new")
        data = orjson.dumps(document, default=_plain, option=orjson.OPT_NON_STR_KEYS)
        try:
            beside.write_bytes(data)
            beside.replace(self.path)
        except OSError as error:
            raise StateFileBroken(f"The state file {self.path} cannot be written: {error.strerror}.") from error
        self._saved = now
        return True


def _read(data: bytes) -> list[dict[str, Any]]:
    document = orjson.loads(data)
    if document["format"] != FORMAT:
        raise ValueError(f"it has format {document['format']}, this version reads {FORMAT}")
    worlds: list[dict[str, Any]] = document["worlds"]
    return worlds


def _picture(world: World) -> dict[str, Any]:
    """What saving would write, as it is now. Records are frozen, so comparing pictures compares identities."""
    with world.lock:
        state = {name: _copied(getattr(world.state, name)) for name in KEPT}
        return {**state, "settings": world.settings, "offset": world.clock.offset, "faults": world.faults.struck()}


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, dict | Doors) else value


def _dumped(world: World) -> dict[str, Any]:
    with world.lock:
        healed = World(world.name, world.clock.copy(), world.state.copy(), world.settings)
        healed.faults = world.faults.copy()
    healed.faults.clear(healed)
    state = {name: getattr(healed.state, name) for name in KEPT}
    state["grants"] = [[*pair, sorted(held)] for pair, held in healed.state.grants.items()]
    return {
        "name": world.name,
        "offset_seconds": world.clock.offset.total_seconds(),
        "settings": asdict(world.settings),
        "state": state,
    }


def _restore(worlds: Worlds, saved: dict[str, Any]) -> None:
    values = dict(saved["state"])
    values["grants"] = {(project, user): held for project, user, held in values["grants"]}
    hints = get_type_hints(State)
    state = State(**{name: reader(hints[name])(values[name]) for name in KEPT})
    state.index.load(issue for issue in state.issues.values() if state.is_searched(issue))
    state.renamed()  # another process counted its editions otherwise: one of ours must not come round again
    world = worlds.get(DEFAULT) if saved["name"] == DEFAULT else worlds.make(saved["name"])
    world.state = state
    world.settings = Switches().changed(**saved["settings"])
    world.clock.offset = timedelta(seconds=saved["offset_seconds"])
    world.settle()


def _plain(value: Any) -> Any:
    """What JSON has no word for."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)


@cache
def reader(hint: Any) -> Callable[[Any], Any]:
    """How to read a value of this type back from JSON."""
    kind, args = get_origin(hint), get_args(hint)
    if kind in (Union, types.UnionType):
        inner = reader(next(each for each in args if each is not types.NoneType))
        return lambda value: None if value is None else inner(value)
    if kind is dict:
        key, value_of = (int if args[0] is int else _as_it_is), reader(args[1])
        return lambda value: {key(name): value_of(each) for name, each in value.items()}
    if kind is tuple and args[-1] is not Ellipsis:
        inners = [reader(each) for each in args]
        return lambda value: tuple(inner(each) for inner, each in zip(inners, value, strict=True))
    if kind in (tuple, frozenset):
        inner = reader(args[0])
        return lambda value: kind(inner(each) for each in value)
    if is_dataclass(hint):
        return _record_reader(hint)
    by_type: dict[Any, Callable[[Any], Any]] = {
        bytes: lambda value: value.encode("latin-1"),
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
    }
    return by_type.get(hint, _as_it_is)


def _as_it_is(value: Any) -> Any:
    return value


def _record_reader(record: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(record)
    readers = [(field.name, reader(hints[field.name])) for field in fields(record)]
    converted = [(name, read) for name, read in readers if read is not _as_it_is]

    def read_record(value: dict[str, Any]) -> Any:
        for name, read in converted:
            if name in value:
                value[name] = read(value[name])
        return record(**value)

    return read_record
