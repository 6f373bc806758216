"""What all tests share."""

import signal

pytest_plugins = ["tests.postgres"]

# Who starts the tests in the background has Ctrl-C ignored, in all processes below: tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
