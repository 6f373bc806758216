"""The composition root: the one room that knows all others and names concrete classes."""

from confrere.cli.house import House, SetupError
from confrere.settings import SettingError, read_settings

__all__ = ["build_house"]


def build_house() -> House:
    """The house as the environment's settings want it. Raises SetupError."""
    from confrere.wiring.house import ConfrereHouse  # heavy rooms only for commands that use them

    try:
        return ConfrereHouse(read_settings())
    except SettingError as fault:
        raise SetupError(str(fault)) from fault
