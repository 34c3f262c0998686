"""Every stored secret is sealed anew with the first key, however many there are and whatever goes on meanwhile."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import delete

from service.cli import main
from service.errors import SettingInvalid
from service.rekeying import Rekeyed, rekey
from service.store import consents, grants, integrations, tables
from service.store.database import Store, open_store
from service.vault import Vault, open_vault
from tests.service.store.shelf import NOW, add_integration

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
NUMBERS = itertools.count()
BATCH = 5


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.rekeying.BATCH", BATCH)


def fill(store: Store, vault: Vault, count: int) -> None:
    """That many integrations, each with a grant and a consent."""
    with store.begin() as c:
        for number in itertools.islice(NUMBERS, count):
            made = add_integration(c, f"jira-{number}", credential=vault.seal(f"credential {number}"))
            grants.put(c, made.id, vault.seal(f"grant {number}"), expires_at=None, scopes=(), now=NOW)
            consents.add(
                c,
                f"hash {number}",
                user_name="admin",
                integration_id=made.id,
                sealed=vault.seal(f"consent {number}"),
                expires_at=NOW + timedelta(minutes=10),
                now=NOW,
            )


def read(store: Store, vault: Vault) -> set[str]:
    """All secrets, as far as `vault` opens them."""
    found = set()
    with store.read() as c:
        for integration in integrations.all(c):
            grant = grants.of(c, integration.id)
            consent = consents.of(c, f"hash {integration.name.removeprefix('jira-')}")
            credential = integrations.credential(c, integration.id)
            assert grant is not None
            assert consent is not None
            assert credential is not None
            found |= {vault.open(sealed) for sealed in (credential, grant.sealed, consent.sealed)}
    return found


def test_everything_is_sealed_with_the_new_key_and_the_old_one_can_go(store: Store) -> None:
    count = BATCH + 3
    fill(store, Vault([OLD]), count)
    before = read(store, Vault([OLD]))
    assert len(before) == 3 * count
    assert rekey(store, Vault([NEW, OLD])) == Rekeyed(resealed=3 * count)
    assert read(store, Vault([NEW])) == before
    assert rekey(store, Vault([NEW])) == Rekeyed(unchanged=3 * count)


def test_what_is_under_the_new_key_already_is_left_alone(sqlite_store: Store) -> None:
    fill(sqlite_store, Vault([OLD]), 2)
    fill(sqlite_store, Vault([NEW]), 3)
    assert rekey(sqlite_store, Vault([NEW, OLD])) == Rekeyed(resealed=6, unchanged=9)


def test_without_the_old_key_nothing_is_touched(sqlite_store: Store) -> None:
    fill(sqlite_store, Vault([OLD]), 2)
    with pytest.raises(SettingInvalid, match="sealed with another key"):
        rekey(sqlite_store, Vault([NEW]))
    assert len(read(sqlite_store, Vault([OLD]))) == 6


def test_an_interrupted_one_goes_on(sqlite_store: Store) -> None:
    fill(sqlite_store, Vault([OLD]), BATCH)
    fill(sqlite_store, Vault([Fernet.generate_key().decode()]), 1)  # stops it after the first batch
    with pytest.raises(SettingInvalid):
        rekey(sqlite_store, Vault([NEW, OLD]))
    with sqlite_store.begin() as c:
        integrations.remove(c, BATCH + 1, NOW)
        c.execute(delete(tables.consents).where(tables.consents.c.integration_id == BATCH + 1))
    assert rekey(sqlite_store, Vault([NEW, OLD])) == Rekeyed(resealed=2 * BATCH, unchanged=BATCH)


def test_what_is_stored_between_reading_and_writing_is_not_overwritten(store: Store) -> None:
    fill(store, Vault([OLD]), 1)
    with store.read() as c:
        (integration,) = integrations.all(c)
    new = Vault([NEW]).seal("of a new consent")

    def consent() -> None:
        with store.begin() as c:
            grants.put(c, integration.id, new, expires_at=None, scopes=(), now=NOW)

    class Watched(Vault):
        """Somebody consents while the old grant is opened."""

        def open(self, sealed: bytes) -> str:
            opened = super().open(sealed)
            if opened.startswith("grant"):
                wait([consenting.submit(consent)], timeout=0.3)
            return opened

    with ThreadPoolExecutor(1) as consenting:
        assert rekey(store, Watched([NEW, OLD])).resealed == 3
    assert "of a new consent" in read(store, Vault([NEW]))


def test_the_command_says_how_many(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(sqlite_url, migrate=False)
    fill(store, Vault([OLD]), 2)
    monkeypatch.setenv("TICKET_SERVICE_KEY", f"{NEW},{OLD}")
    said = CliRunner().invoke(main, ["rekey", "--database", sqlite_url], catch_exceptions=False)
    assert said.stdout == "6 secrets sealed with the first key, 0 were already.\n"
    monkeypatch.setenv("TICKET_SERVICE_KEY", NEW)
    said = CliRunner().invoke(main, ["rekey", "--database", sqlite_url, "--json"], catch_exceptions=False)
    assert json.loads(said.stdout) == {"resealed": 0, "unchanged": 6}
    store.close()


def test_a_key_file_is_rotated_by_a_line_before_the_old_one(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TICKET_SERVICE_KEY", raising=False)
    database = tmp_path / "ticket-service.db"
    key_file = tmp_path / "ticket-service.db.key"
    store = open_store(sqlite_url, migrate=False)
    fill(store, open_vault("", database), 1)
    key_file.write_text(f"{NEW}\n{key_file.read_text()}\n")
    said = CliRunner().invoke(main, ["rekey", "--database", sqlite_url, "--json"], catch_exceptions=False)
    assert json.loads(said.stdout) == {"resealed": 3, "unchanged": 0}
    key_file.write_text(f"{NEW}\n")
    assert len(read(store, open_vault("", database))) == 3
    store.close()
