"""Runs a command and writes its wall time, its processor time and the memory of its biggest process to a file.

It is a separate process, because Linux counts a parent's memory as the child's, and this parent uses almost none.
"""

import json
import os
import subprocess
import sys
import time


def main(out, *command):
    started = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    # kibibytes on Linux, bytes on macOS
    peak_mib = usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 ** 2)
    with open(out, "w", encoding="utf-8") as file:
        json.dump({
            "seconds": time.monotonic() - started, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_mib": peak_mib,
        }, file)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
