"""AWS's request quotas, kept before they are hit. Knows no operation but by its name."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

# Requests a second, per account and region. Lambda's are published and fixed: GetFunction 100, GetPolicy 15, and
# 15 for all other control-plane operations together, deployments of that account included
# (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests). CodeDeploy and S3
# publish none for these operations; theirs are what does not throttle in practice.
QUOTAS: Final[Mapping[str, float]] = {
    "lambda.GetFunction": 80.0,
    "lambda.GetPolicy": 10.0,
    "lambda": 10.0,
    "codedeploy": 10.0,
    "s3": 100.0,
    # https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    "cloudtrail": 2.0,
}
# Seconds' worth of calls that may go out at once. Buckets that hold less than a second's worth are named.
_BURST: Final = 1.0
_BURSTS: Final[Mapping[str, float]] = {"cloudtrail": 0.0}
UNPACED: Final[Mapping[str, float]] = {}


class Pacer:
    """Owns the moments at which the next call of each (quota, account, region) may go out."""

    def __init__(
        self,
        quotas: Mapping[str, float],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`quotas` maps `service.Operation` or `service` to calls a second; what is not there is not paced."""
        self._quotas = quotas
        self._clock = clock
        self._sleep = sleep
        self._next: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()

    def wait(self, service: str, operation: str, account: str, region: str) -> None:
        """Sleep until the call may go out."""
        quota = f"{service}.{operation}" if f"{service}.{operation}" in self._quotas else service
        rate = self._quotas.get(quota)
        if rate is not None:
            self._sleep(self._reserve((quota, account, region), rate))

    def _reserve(self, key: tuple[str, str, str], rate: float) -> float:
        with self._lock:
            now = self._clock()
            at = max(self._next.get(key, 0.0), now - _BURSTS.get(key[0], _BURST))
            self._next[key] = at + 1.0 / rate
            return max(0.0, at - now)
