"""Users are found by the hash of their token."""

import pytest

from service.errors import NameTaken
from service.store import users
from service.store.database import Store
from service.store.users import Role
from tests.service.store.shelf import NOW


def test_a_user_is_found_by_the_hash_of_the_token_and_by_name(store: Store) -> None:
    with store.begin() as c:
        ann = users.add(c, "ann", Role.ADMIN, "hash-1", NOW)
        users.add(c, "Bob", Role.VIEWER, "hash-2", NOW)
        assert users.by_token_hash(c, "hash-1") == ann == users.by_name(c, "ann")
        assert users.by_token_hash(c, "hash-3") is None
        assert users.by_name(c, "Ann") is None
        assert sorted(users.names(c)) == ["Bob", "ann"]
    assert (ann.name, ann.role, ann.created_at) == ("ann", Role.ADMIN, NOW)


@pytest.mark.parametrize(("name", "token_hash"), [("ann", "hash-2"), ("bob", "hash-1")])
def test_neither_a_name_nor_a_token_is_given_twice(store: Store, name: str, token_hash: str) -> None:
    with store.begin() as c:
        users.add(c, "ann", Role.ADMIN, "hash-1", NOW)
    with pytest.raises(NameTaken), store.begin() as c:
        users.add(c, name, Role.VIEWER, token_hash, NOW)
