"""The arithmetic of docs/scaling.md is done again: each result follows from the numbers that stand before it."""

import ast
import operator
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROW = re.compile(r"^\| (?P<what>[^|]+) \| `(?P<sum>[^`|a-z]+)` \| (?P<result>[^|]+?) \|", re.MULTILINE)
DOCUMENT = (Path(__file__).parent.parent / "docs/scaling.md").read_text()
ROWS = [match.groupdict() for match in ROW.finditer(DOCUMENT)]
DOES: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def value(node: ast.expr) -> float:
    if isinstance(node, ast.BinOp):
        return DOES[type(node.op)](value(node.left), value(node.right))
    assert isinstance(node, ast.Constant), ast.dump(node)
    return float(node.value)  # type: ignore[arg-type]


def test_the_document_is_read() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_every_result_follows_from_its_numbers(row: dict[str, str]) -> None:
    computed = value(ast.parse(row["sum"].replace(",", "").replace("\u00d7", "*"), mode="eval").body)
    number = re.match(r"[\d,.]+", row["result"])
    assert number is not None, row
    shown = number[0].rstrip(".,").replace(",", "")
    decimals = len(shown.partition(".")[2])
    assert round(computed, decimals) == float(shown) or abs(computed / float(shown) - 1) < 0.005, computed
