"""`python -m confrere.demo.child PARENT …`: run `confrere …` as a child that ends when that process has ended.

Whoever pulls plugs may be killed, too; what it has started must not go on for ever.
"""

import os
import runpy
import signal
import sys
import threading
import time

_LOOK_SECONDS = 0.5
_END_SECONDS = 15


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGINT)  # which cleans up
    time.sleep(_END_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(int(sys.argv.pop(1)),), daemon=True).start()
    runpy.run_module("confrere", run_name="__main__", alter_sys=True)
