"""`confrere`, and `python -m confrere`: the house, handed to the command line."""

from confrere.cli import run_cli
from confrere.wiring import build_runtime


def main() -> None:
    """Run the command that the arguments name; ends the process with its exit code."""
    run_cli(build_runtime)


if __name__ == "__main__":
    main()
