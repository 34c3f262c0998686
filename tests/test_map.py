"""The imports go the way docs/map.md says, and nothing stands outside its rooms."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("service", "fake_jira", "contract", "scenarios", "bench")


def arrows() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Room -> what it may import, and package -> what everyone in it may import."""
    block = re.search(r"```arrows\n(.*?)```", (ROOT / "docs/map.md").read_text(), re.DOTALL)
    assert block, "docs/map.md has no block of arrows"
    rooms: dict[str, set[str]] = {}
    everyone: dict[str, set[str]] = {}
    for line in block[1].splitlines():
        left, right = (side.strip() for side in line.split("->"))
        targets = {name.strip() for name in right.split(",") if name.strip()}
        if left.startswith("everyone in "):
            everyone[left.removeprefix("everyone in ")] = targets
        else:
            rooms[left] = targets
    return rooms, everyone


ROOMS, EVERYONE = arrows()


def room_of(module: str) -> str | None:
    """The most particular room or common name that `module` belongs to; a package's own `__init__` is its name."""
    known = set(ROOMS) | {name for names in EVERYONE.values() for name in names if "." in name}
    while module:
        if module in known or module in PACKAGES:
            return module
        module = module.rpartition(".")[0]
    return None


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every own module that `path` imports, with the line; `from a import b` counts as a.b where that is a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] in PACKAGES)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in PACKAGES:
            for alias in node.names:
                inner = ROOT / node.module.replace(".", "/") / alias.name
                yield node.lineno, f"{node.module}.{alias.name}" if _is_module(inner) else node.module


def _is_module(path: Path) -> bool:
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def may_import(room: str, target: str) -> bool:
    allowed = ROOMS.get(room, set()) | EVERYONE.get(room.split(".", maxsplit=1)[0], set())
    return target == room or target in allowed or any(target.startswith(f"{name}.") for name in allowed if "." in name)


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_imports_follow_the_arrows(path: Path) -> None:
    room = room_of(module_name(path))
    for line, imported in imports(path):
        target = room_of(imported)
        assert target is not None, (
            f"{path.relative_to(ROOT)}:{line} imports {imported}, which is in no room of docs/map.md"
        )
        assert may_import(str(room), target), (
            f"{path.relative_to(ROOT)}:{line} imports {imported}: {room} may not know {target} (docs/map.md, Arrows)"
        )


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_every_module_belongs_to_a_room(path: Path) -> None:
    name = module_name(path)
    room = room_of(name)
    assert room == name or (room is not None and room not in ("service", "fake_jira")), (
        f"{name} belongs to no room: give it a line in docs/map.md"
    )


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_room_on_the_map_exists(room: str) -> None:
    assert _is_module(ROOT / room.replace(".", "/")) or (ROOT / room).is_dir(), f"{room} is on the map and nowhere else"


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_every_module_opens_by_saying_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{path.relative_to(ROOT)} has no opening docstring"


def test_the_rules_know_neither_web_nor_database_nor_jira() -> None:
    foreign = {"flask", "sqlalchemy", "requests", "cheroot", "apscheduler"}
    for path in (ROOT / "service/rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not foreign & {name.split(".")[0] for name in names}, f"{path.name} imports one of {foreign}"
