"""What the tests need of the process that they run in."""

from __future__ import annotations

import signal

for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        # A shell without job control has what it starts in the background ignore SIGINT, and so does nohup with SIGHUP.
        # What a test starts would inherit that, and the signals that it is sent would do nothing.
        signal.signal(number, signal.SIG_DFL if number is signal.SIGHUP else signal.default_int_handler)
