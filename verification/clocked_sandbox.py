"""A sandbox with a clock that a test moves: `python -m verification.clocked_sandbox FILE …`; see `clocked_process`.

Its messages have the times of that clock, as LinkedIn's have those of a clock that agrees with ours.
"""

import sys
from pathlib import Path

from confrere.sandbox import conversations
from confrere.sandbox.__main__ import main
from verification.clocked_process import MovedClock

if __name__ == "__main__":
    conversations.time = MovedClock(Path(sys.argv.pop(1)))  # type: ignore[assignment,attr-defined]
    sys.exit(main())
