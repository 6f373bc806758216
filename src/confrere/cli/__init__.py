"""The command line."""

from confrere.cli.app import run_cli

__all__ = ["run_cli"]
