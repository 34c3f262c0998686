"""Seals every stored secret anew with the present key, so that former keys can go. (3.10)

Works in short transactions beside a service that runs, and can be interrupted: what was done stays done, and the next
time goes on with the rest. A secret is replaced only if it is still what was read.
"""

from dataclasses import dataclass
from typing import Any

from service.store import sealed
from service.store.database import Store
from service.vault import Vault

BATCH = 100


@dataclass(slots=True)
class Rekeyed:
    """How many secrets were sealed anew, and how many were under the present key already."""

    resealed: int = 0
    unchanged: int = 0


def rekey(store: Store, vault: Vault) -> Rekeyed:
    """Seals what is under a former key with the first one. Raises SettingInvalid for what no key of `vault` opens."""
    counts = Rekeyed()
    for place in sealed.PLACES:
        last: Any = None
        while True:
            with store.begin() as c:
                rows = sealed.some(c, place, last, BATCH)
                anew = {key: vault.open(secret) for key, secret in rows if not vault.is_present(secret)}
                for key, secret in anew.items():
                    sealed.replace(c, place, key, vault.seal(secret))
            counts.resealed += len(anew)
            counts.unchanged += len(rows) - len(anew)
            if len(rows) < BATCH:
                break
            last = rows[-1][0]
    return counts
