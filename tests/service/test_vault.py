"""Secrets are sealed, keys are found or made, and nothing is repeated in an error."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from service.errors import SettingInvalid
from service.vault import hash_token, new_token, open_vault
from tests.service.store.shelf import at_once

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_what_is_sealed_is_unreadable_and_opens_again() -> None:
    vault = open_vault(NEW, None)
    sealed = vault.seal("admin-token ü")
    assert b"admin-token" not in sealed
    assert vault.open(sealed) == "admin-token ü"


def test_a_key_is_replaced_by_putting_the_new_one_before_it() -> None:
    sealed = open_vault(OLD, None).seal("secret")
    both = open_vault(f"{NEW}, {OLD}", None)
    assert both.open(sealed) == "secret"
    assert open_vault(NEW, None).open(both.seal("secret")) == "secret"


def test_another_key_opens_nothing_and_the_error_says_what_to_do() -> None:
    sealed = open_vault(OLD, None).seal("hush")
    with pytest.raises(SettingInvalid, match="Edit Integration") as caught:
        open_vault(NEW, None).open(sealed)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("key", ["password", "ü" * 44, f"{NEW},short"], ids=["words", "umlauts", "second"])
def test_a_key_of_the_wrong_form_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(SettingInvalid, match="TICKET_SERVICE_KEY must hold") as caught:
        open_vault(key, None)
    assert key not in str(caught.value)


def test_postgresql_needs_the_key_from_the_environment() -> None:
    with pytest.raises(SettingInvalid, match="must be in TICKET_SERVICE_KEY"):
        open_vault("", None)


def test_the_first_start_makes_a_key_file_for_its_owner_only(tmp_path: Path) -> None:
    database = tmp_path / "ticket-service.db"
    sealed = open_vault("", database).seal("secret")
    key_file = tmp_path / "ticket-service.db.key"
    assert [path.name for path in tmp_path.iterdir()] == [key_file.name]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert open_vault("", database).open(sealed) == "secret"


def test_a_key_from_the_environment_makes_no_file(tmp_path: Path) -> None:
    open_vault(NEW, tmp_path / "ticket-service.db")
    assert list(tmp_path.iterdir()) == []


def test_starts_at_the_same_time_agree_on_one_key(tmp_path: Path) -> None:
    vaults = at_once(lambda _number: open_vault("", tmp_path / "a.db"), times=8)
    assert len({vault.secret("sessions") for vault in vaults}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_key_file_with_something_else_in_it_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.db.key").write_text("something else")
    with pytest.raises(SettingInvalid, match=r"a\.db\.key does not hold a key"):
        open_vault("", tmp_path / "a.db")
    assert (tmp_path / "a.db.key").read_text() == "something else"


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.db.key").mkdir()
    with pytest.raises(SettingInvalid, match=r"a\.db\.key cannot be used"):
        open_vault("", tmp_path / "a.db")


def test_secrets_differ_by_purpose_and_by_key_and_stay_the_same() -> None:
    assert open_vault(NEW, None).secret("sessions") == open_vault(f"{NEW},{OLD}", None).secret("sessions")
    different = {open_vault(key, None).secret(purpose) for key in (OLD, NEW) for purpose in ("sessions", "forms")}
    assert len(different) == 4
    assert all(len(secret) == 32 for secret in different)


def test_tokens_are_unguessable_and_only_their_hash_is_stored() -> None:
    token = new_token()
    assert len(token) >= 43
    assert token != new_token()
    assert hash_token(token) == hash_token(token)
    assert token not in hash_token(token)
