"""The console: pages for the people who look, choose, approve and answer. They call the use cases that `/v1` calls."""

from confrere.console.app import PATH, ConsoleApp
from confrere.console.origins import Origins

__all__ = ["PATH", "ConsoleApp", "Origins"]
