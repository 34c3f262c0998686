"""Keeps secrets: seals the credentials of integrations, and makes tokens of which only a hash is stored.

The key comes from the environment, or from a file beside the SQLite database. Nothing here logs or prints, and no error
repeats a secret.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from service.errors import SettingInvalid
from service.settings import PREFIX

_VARIABLE = f"{PREFIX}KEY"
_HOW_TO_MAKE_ONE = (
    "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
)


class Vault:
    """Seals with the first of its keys and opens with any of them, so that a key can be replaced step by step."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = MultiFernet([Fernet(key) for key in keys])
        self._present = Fernet(keys[0])
        self._first = keys[0].encode()

    def seal(self, secret: str) -> bytes:
        """`secret`, unreadable without the key."""
        return self._keys.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed. Raises SettingInvalid when that was done with a key that is not among ours."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise SettingInvalid(
                f"A stored credential was sealed with another key. Start with the key it was sealed with ({_VARIABLE}, "
                "several may be given with commas between them), or enter the credential again with Edit Integration."
            ) from None

    def is_present(self, sealed: bytes) -> bool:
        """Whether the first key opens it; the others are not needed for it."""
        try:
            self._present.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def secret(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose, the same wherever the first key is: it signs the pages' sessions."""
        return hmac.digest(self._first, purpose.encode(), "sha256")


def open_vault(keys: str, database_file: Path | None) -> Vault:
    """The vault with `keys` (commas between them); without any, with the key file beside `database_file`.

    The file holds one key a line, the present one first. It is made, for its owner only, when it does not exist.
    Raises SettingInvalid when there is no usable key: a PostgreSQL database (`database_file` is None) is shared by
    machines, so there the key must be given.
    """
    given = [key.strip() for key in keys.split(",") if key.strip()]
    if given:
        return _vault(given, f"{_VARIABLE} must hold keys of 32 bytes in URL-safe base64. {_HOW_TO_MAKE_ONE}")
    if database_file is None:
        raise SettingInvalid(
            f"With PostgreSQL the key that seals credentials must be in {_VARIABLE}. {_HOW_TO_MAKE_ONE}"
        )
    file = database_file.with_name(f"{database_file.name}.key")
    try:
        held = _read_or_make(file).split()
    except OSError as error:
        raise SettingInvalid(f"The key file {file} cannot be used: {error.strerror}.") from None
    return _vault(held, f"The key file {file} does not hold a key. Put the one back that it held.")


def hash_token(token: str) -> str:
    """What is stored of a token. Tokens are random and long, so a plain hash is safe and can be looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def _vault(keys: list[str], complaint: str) -> Vault:
    try:
        return Vault(keys)
    except ValueError:
        raise SettingInvalid(complaint) from None


def _read_or_make(file: Path) -> str:
    """What `file` holds. Of processes that start at once one makes it, whole, and the others read that one."""
    if not file.exists():
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 600
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(Fernet.generate_key())
                opened.flush()
                os.fsync(opened.fileno())
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return file.read_text("ascii", "replace").strip()
