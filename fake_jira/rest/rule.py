"""Routes that are quick to make: the server has hundreds of them and shall be there in a blink.

Two thirds of what a rule of werkzeug costs is a function that builds addresses, and nearly none of ours is ever asked
for one. Here it is made when somebody asks.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class QuickRule(Rule):
    """A rule that learns to build addresses when it has to."""

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compiled: list[Builder] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(QuickRule, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build
