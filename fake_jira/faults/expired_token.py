"""An API token runs out. On Jira Cloud nobody says so: its requests are carried out as anonymous. [jira 2.2]"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fake_jira.faults.base import WorldFault
from fake_jira.faults.names import user_named

if TYPE_CHECKING:
    from fake_jira.worlds import World


@dataclass(frozen=True, kw_only=True)
class ExpiredToken(WorldFault):
    """All API tokens of `user` (e-mail address or account id) have expired. Healing gives each its old end back."""

    name = "expired_token"
    user: str

    def check_names(self, world: "World", operations: Collection[str]) -> None:  # noqa: ARG002 - names no operation
        user_named(world, self.name, self.user)

    def strike(self, world: "World") -> Any:
        user = user_named(world, self.name, self.user)
        with world.lock:
            mine = {secret: t.expires_at for secret, t in world.state.tokens.items() if t.account_id == user.account_id}
            now = world.clock.now()
            for secret in mine:
                world.state.tokens[secret] = replace(world.state.tokens[secret], expires_at=now)
        return mine

    def heal(self, world: "World", before: Any) -> None:
        with world.lock:
            for secret, expires_at in before.items():
                token = world.state.tokens.get(secret)
                if token is not None:
                    world.state.tokens[secret] = replace(token, expires_at=expires_at)
