"""What is said of shipping an artifact. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from auditor.model.rollout import Deployed, Progress, Rollout
from auditor.model.stages import FailedTarget, failed_words
from auditor.model.values import Value
from auditor.report.display import visible
from auditor.report.wording import counted, listed

_FAILED: Final = 5
"""So many targets of a group are told of with what their scripts said; of the others, only that they failed."""


def rollout_lines(rollout: Rollout, size: int, files: int, hint: str = "") -> Iterator[str]:
    """What is about to be shipped: the artifact, with a hint of what servers need for it, and the waves."""
    part = f"{rollout.folder} of " if rollout.folder else ""
    what = f"{part}commit {rollout.commit[:12]} ({rollout.ref})" if rollout.commit else rollout.source
    groups = ", ".join(rollout.groups) or "its alias, without CodeDeploy"
    yield f"Ships {what} to {rollout.application} ({rollout.platform}): {groups}"
    yield f"  {rollout.key}, {counted(files, 'file')}, {size_words(size)}, SHA-256 {rollout.sha256}"
    if hint:
        yield f"  {hint}"
    for number, wave in enumerate(rollout.waves, 1):
        yield f"  wave {number}: {', '.join(f'{site} (s3://{rollout.buckets[site]})' for site in wave)}"
    yield f"  on failure: {rollout.on_failure}"


def size_words(size: int) -> str:
    """Bytes in the unit that suits them."""
    for unit, length in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} bytes"


def deployed_line(site: str, group: str, words: str) -> str:
    """One step of one site."""
    return f"{site:<16} {group:<12} {visible(words.removeprefix(f'{site}: '))}"


def back_lines(rollout: Rollout, progress: Progress) -> Iterator[str]:
    """What taking a run back deploys, by site and group."""
    yield f"Takes {rollout.key} back in {rollout.application} ({rollout.platform}):"
    for (site, group), previous in progress.previous.items():
        yield deployed_line(f"  {site}", group, _back_to(previous))


def _back_to(previous: Value) -> str:
    if previous is None:
        return "stays: nothing was deployed there before"
    if isinstance(previous, str):
        return f"back to version {previous}"
    location = previous.get("s3Location")
    return f"back to s3://{location['bucket']}/{location['key']}" if location else "back to the AppSpec of before"


def shipped_line(rollout: Rollout, outcomes: Sequence[Deployed]) -> str:
    """The verdict, and each failure."""
    forth = [one for one in outcomes if not one.back]
    undone = {(one.site, one.group) for one in outcomes if one.back and not one.error}
    done = sum(not one.error and (one.site, one.group) not in undone for one in forth)
    lines = [f"{rollout.key} was deployed to {done} of {len(forth)} ({', '.join(rollout.sites)})."] if forth else []
    lines += [line for one in forth for line in _failure(one, "not deployed")]
    back = [one for one in outcomes if one.back]
    if back:
        sites = dict.fromkeys(one.site for one in back if not one.error)
        lines.append(f"Rolled back: {', '.join(sites) or 'nothing'}.")
        lines += [line for one in back for line in _failure(one, "not rolled back")]
    return "\n".join(lines)


def _failure(outcome: Deployed, what: str) -> Iterator[str]:
    """Why a group was not deployed to, and what failed on which of its targets."""
    if outcome.error:
        yield f"  {what}: {visible(outcome.error)}"
        yield from failed_lines(outcome.failed)


def failed_lines(failed: Sequence[FailedTarget]) -> Iterator[str]:
    """What failed on each target, with the end of its log; of many, the first few so, and the names of the others."""
    for one in failed[:_FAILED]:
        yield f"    {visible(failed_words(one))}"
        yield from (f"      | {visible(line)}" for line in one.log)
    if rest := [one.target for one in failed[_FAILED:]]:
        yield visible(f"    {listed(rest, 'target')} failed too")
