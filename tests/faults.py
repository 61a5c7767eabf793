"""A proxy between the program and the embedded AWS that does to its calls what a test tells it to."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request


class Faults:
    """Owns the proxy."""

    def __init__(self, upstream, port):
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "microburst", "-u", upstream, "--port", str(port), "--no-resign"]
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self):
        try:
            return self.fired() == []
        except OSError:
            return False

    def add(self, *rules):
        request = urllib.request.Request(
            f"{self.url}/_microburst/rules", json.dumps(list(rules)).encode(), method="PATCH"
        )
        urllib.request.urlopen(request, timeout=10).close()

    def fired(self):
        with urllib.request.urlopen(f"{self.url}/_microburst/fired", timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        self._process.kill()
        self._process.wait()
