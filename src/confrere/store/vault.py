"""Secrets at rest: what is stored of sessions and message texts is a Fernet token, nothing else."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from confrere.domain.errors import StoreDamaged
from confrere.store.errors import CannotOpenStore, SecretKeyMissing


class Unsealable(StoreDamaged):
    """A token that none of the keys can read."""


class Vault:
    """Encrypts with the first key, decrypts with any. Its repr shows no key."""

    def __init__(self, keys: Sequence[str] | None, *, source: str = "the list of secret keys") -> None:
        """`keys` are Fernet keys (32 bytes, base64url); `source` names their origin in errors."""
        self.source = source
        self._file: Path | None = None
        self._keys: tuple[str, ...] = ()
        if keys is not None:
            self._take(keys)

    def __repr__(self) -> str:
        return f"<Vault with keys from {self.source}>"

    @staticmethod
    def new_key() -> str:
        """Return a new random key."""
        return Fernet.generate_key().decode()

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """The keys in the file, one a line, the first encrypts.

        Where there is no file, one with a fresh key is made for the first secret that is sealed, never for one that
        was sealed before. It is made readable for its owner only, and as a whole: two processes that start at once end
        up with one file. It is read again when something cannot be decrypted, so that a rotation needs no restart.
        """
        vault = cls(_read_key_file(path) if path.exists() else None, source=f"the key file {path}")
        vault._file = path
        return vault

    def seal(self, text: str) -> str:
        """Encrypt the text with the first key."""
        if not self._keys and self._file is not None:
            _make_key_file(self._file)
            self._take(_read_key_file(self._file))
        return self._newest.encrypt(text.encode()).decode()

    def unseal(self, token: str) -> str:
        """Decrypt a token that any of the keys sealed; '' is the empty text. Raises Unsealable, SecretKeyMissing."""
        if not token:
            return ""
        if not self._keys and self._file is not None:
            raise SecretKeyMissing(self._file)
        try:
            return self._all.decrypt(token).decode()
        except InvalidToken:
            if self._take_changed_file():
                return self.unseal(token)
            raise Unsealable("a stored secret cannot be read with the present keys") from None

    def reseal(self, token: str) -> str | None:
        """Encrypt the token's secret with the first key; None where it is already, or is ''. Raises Unsealable."""
        if not token:
            return None
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            return self.seal(self.unseal(token))
        return None

    def _take(self, keys: Sequence[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
            self._all = MultiFernet(fernets)
        except ValueError as fault:
            raise CannotOpenStore(f"There must be keys in {self.source}, each 32 random bytes in base64url") from fault
        self._newest, self._keys = fernets[0], tuple(keys)

    def _take_changed_file(self) -> bool:
        """Reload the keys where the file has changed; return whether it had."""
        if self._file is None:
            return False
        keys = _read_key_file(self._file)
        if tuple(keys) == self._keys:
            return False
        self._take(keys)
        return True


def _read_key_file(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text("ascii").splitlines()]
    except (OSError, UnicodeDecodeError) as fault:
        raise CannotOpenStore(f"The key file {path} cannot be read: {type(fault).__name__}") from fault
    return [line for line in lines if line and not line.startswith("#")]


def _make_key_file(path: Path) -> None:
    """Write a temporary file, then link it into place: the link fails where another process was first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{Vault.new_key()}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
        _sync_directory(path.parent)
    finally:
        Path(temporary).unlink()


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
