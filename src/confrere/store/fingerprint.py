"""Fingerprints by which an identical request is recognised without storing its text in the clear."""

import base64
import hmac
from functools import cached_property
from hashlib import sha256

from cryptography.fernet import Fernet

from confrere.domain.erasure import ERASED_PREFIX
from confrere.domain.send_request import SendRequest


class Fingerprints:
    """Keyed hashes of claims: equal for equal workspace, recipient, group and text, and nothing can be read from them.

    A plain message has the group ''. Its conversation is not hashed: a request that begins one, and its repeat that
    finds that one, are the same.

    The account is not hashed but compared in SQL: a claim may name none and mean the default one, which only the
    transaction can resolve.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._keyed = hmac.new(key, digestmod=sha256)

    def of(self, request: SendRequest) -> str:
        """Return the claim's fingerprint, 64 hex digits."""
        group_id = request.group_id or ""
        return self.of_message(request.workspace_id, request.recipient, group_id, request.text)

    def of_person(self, workspace_id: str, recipient: str) -> str:
        """Return the hash that names a person where their URN must not stand."""
        return self.of_message("person", workspace_id, recipient)

    def stand_in(self, workspace_id: str, recipient: str) -> str:
        """Return what stands for this person in the workspace once they are erased."""
        message = f"person\0{workspace_id}\0{recipient}".encode()  # neither has NUL in it
        return ERASED_PREFIX + hmac.digest(self._key, message, "sha256").hex()[:40]  # every send makes one

    def seal(self, text: str) -> str:
        """Encrypt a text that is kept outside of the database, with a key that is only in it and its backups."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, token: str) -> str:
        """Decrypt what this store has sealed. Raises InvalidToken."""
        return self._fernet.decrypt(token).decode()

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(hmac.digest(self._key, b"journal", "sha256")))

    def of_message(self, *parts: str) -> str:
        """Hash workspace, recipient, group and text, each preceded by its length, so that framing is unambiguous."""
        keyed = self._keyed.copy()
        for part in parts:
            encoded = part.encode()
            keyed.update(len(encoded).to_bytes(4) + encoded)
        return keyed.hexdigest()
