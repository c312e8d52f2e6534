"""What the tests need of the process that they run in."""

from __future__ import annotations

import signal

for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        # A shell without job control starts background processes with SIGINT ignored, and nohup does so with SIGHUP.
        # Processes that the tests start would inherit that and ignore the signals sent to them.
        signal.signal(number, signal.SIG_DFL if number is signal.SIGHUP else signal.default_int_handler)
