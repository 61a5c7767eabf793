"""The numbers of an audit as a text file for node_exporter's textfile collector. Pure.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.metrics.measures import Measures

Sample = tuple[Mapping[str, str], float]


def prometheus_text(told: Measures) -> str:
    """Gauges, each with golden as a label; what is not known has no sample."""
    return "".join(f"{line}\n" for line in _lines(told))


def _lines(told: Measures) -> Iterator[str]:
    kept = [(one._asdict(), count) for one, count in sorted((told.findings or {}).items())]
    for name, says, samples in (
        ("findings", "Open differences, accepted ones left out.", kept),
        ("findings_accepted", "Differences that somebody accepted.", _known(told.accepted)),
        ("unread", "Listings and facets that could not be read.", _by("site", told.unread or {})),
        ("oldest_finding_age_seconds", "How long the oldest open difference has been there.", _known(told.oldest)),
        ("in_sync", "1 if everything was read and nothing differs.", _known(told.in_sync)),
        ("complete", "1 if everything was read.", _known(told.complete)),
        ("failed", "1 if the last audit came to nothing.", _known(told.failed)),
        ("duration_seconds", "What the last audit took.", _known(told.seconds)),
        ("api_calls", "Calls to AWS of the last audit, retries included.", _by("service", told.calls)),
        ("api_throttles", "How many of them AWS throttled.", _by("service", told.throttles)),
        ("last_run_timestamp_seconds", "When the last audit ended.", _known(told.ended)),
        ("last_complete_timestamp_seconds", "When everything was last read.", _known(told.last_complete)),
    ):
        yield from _metric(f"auditor_{name}", says, told.golden, samples)


def _metric(name: str, says: str, golden: str, samples: Iterable[Sample]) -> Iterator[str]:
    lines = [f"{name}{{{_labels({'golden': golden, **labels})}}} {value:.15g}" for labels, value in samples]
    yield from [f"# HELP {name} {says}", f"# TYPE {name} gauge", *lines] if lines else []


def _known(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, float(value))]


def _by(label: str, counts: Mapping[str, int]) -> list[Sample]:
    return [({label: name}, count) for name, count in sorted(counts.items())]


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
