"""The composition root: the one room that knows all others and names concrete classes."""

from confrere.cli.runtime import Runtime, SetupError
from confrere.settings import SettingError, read_settings

__all__ = ["build_runtime"]


def build_runtime() -> Runtime:
    """The runtime as the environment's settings want it. Raises SetupError."""
    from confrere.wiring.runtime import ConfrereRuntime  # heavy rooms only for commands that use them

    try:
        return ConfrereRuntime(read_settings())
    except SettingError as fault:
        raise SetupError(str(fault)) from fault
