"""Reading back what was damaged in the file: the store's fault, never a bug's traceback."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import msgspec

from confrere.domain.errors import InvalidField, StoreDamaged

P = ParamSpec("P")
T = TypeVar("T")

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    InvalidField,
    LookupError,
    TypeError,
    ValueError,
    msgspec.MsgspecError,
)


def damage_is_reported(decode: Callable[P, T]) -> Callable[P, T]:
    """Decorate a decoder: it raises StoreDamaged, without the value, where it cannot read what this code wrote."""

    @wraps(decode)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return decode(*args, **kwargs)
        except _UNREADABLE as fault:
            raise StoreDamaged(f"A row cannot be read: {decode.__name__}: {type(fault).__name__}") from None

    return checked
