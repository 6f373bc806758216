from hypothesis import given
from hypothesis import strategies as st

from confrere.domain.ids import new_account_id, new_origin_token, new_send_id
from confrere.domain.keys import PREFIX, Caller, Scope, checksum, hash_key, looks_real, new_key, visible_part


def test_keys_are_recognised_by_prefix_and_checksum() -> None:
    """Prefix and checksum distinguish a real key from a mistyped one, also for secret scanners."""
    key = new_key()
    assert looks_real(key)
    assert key.startswith(PREFIX)
    assert not looks_real(key[:-1] + ("0" if key[-1] != "0" else "1"))
    assert visible_part(key) == key[: len(PREFIX) + 4] + "…"


@given(st.text())
def test_any_text_can_be_hashed_and_judged(text: str) -> None:
    """Any text can be hashed and compared, so that a malformed key is treated like any other."""
    assert len(hash_key(text.encode("utf-8", "surrogatepass").decode("latin-1"))) == 64
    assert looks_real(text) is False


def test_checksum_is_fixed() -> None:
    """The checksum's form is fixed, so that existing keys stay valid."""
    assert checksum("0" * 32) == "2WJYRi"


def test_scopes_include_one_another() -> None:
    """Admin includes all scopes of a workspace, approve includes send, send includes read; nothing else is included."""
    included = {held: {scope for scope in Scope if Caller("k", "w", frozenset({held})).may(scope)} for held in Scope}
    assert included == {
        Scope.ADMIN: set(Scope) - {Scope.OPERATOR},
        Scope.APPROVE: {Scope.APPROVE, Scope.SEND, Scope.READ},
        Scope.SEND: {Scope.SEND, Scope.READ},
        Scope.READ: {Scope.READ},
        Scope.INBOX: {Scope.INBOX},
        Scope.OPERATOR: {Scope.OPERATOR},
    }


def test_send_ids_sort_by_time() -> None:
    """A later send has a greater id, so that the ledger can be listed newest first by id alone."""
    ids = [new_send_id() for _ in range(200)]
    assert len(set(ids)) == 200
    assert [i[:12] for i in ids] == sorted(i[:12] for i in ids)
    assert all(len(i) == 32 and i[12] == "7" and i[16] in "89ab" for i in ids)
    assert len(new_account_id()) == 24
    assert new_origin_token()[14] == "4"
