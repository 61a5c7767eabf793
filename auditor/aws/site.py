"""Reads one site whole: the unit of work, which can run in a thread, a process or on another machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from auditor.aws.calls import Caller
from auditor.aws.errors import AWS_ERRORS
from auditor.aws.pacing import Pacer
from auditor.aws.read import Progress, read_resources
from auditor.aws.resolve import Resolved, resolve
from auditor.aws.scaling import with_scaled
from auditor.aws.sessions import Sessions, partition_of
from auditor.aws.versions import joined, unnamed_versions, with_referred, without_unnamed, without_unresolved
from auditor.canonical.document import with_versions
from auditor.canonical.pairing import BY_NAME, Pairing, name_references, native_names
from auditor.canonical.redact import Hiding, Redaction, hiding, redact
from auditor.canonical.references import named_in, texts
from auditor.canonical.version_names import generations
from auditor.errors import CredentialsError
from auditor.model.values import Locale, Resource, Site, SiteSnapshot, Unread
from auditor.specs.field_tree import spec_tree
from auditor.specs.spec import FUNCTION, Call, ResourceSpec, listed_part

THREADS: Final = 16
NO_NAMES: Final[Mapping[str, str]] = {}
BUCKETS: Final = Call("ListBuckets", {"MaxBuckets": 1000}, pick="Buckets[].Name")
"""Asks for the names of the account's buckets, those of all regions."""


@dataclass(frozen=True)
class Reader:
    """What reading any site takes: the types, the way to AWS, and what may be shown."""

    specs: Mapping[str, ResourceSpec]
    sessions: Sessions
    pacer: Pacer
    redaction: Redaction
    vocabulary: Mapping[str, ResourceSpec]
    """All types, those that are not read among them: what is read can refer to them."""
    symbols: Mapping[str, Mapping[str, str]]
    """What the settings call literals that differ from site to site, by symbol and site."""
    pairing: Pairing = BY_NAME


def read_site(reader: Reader, site: Site, progress: Progress) -> SiteSnapshot:
    """Everything in one site, redacted. What could not be read says why; nothing is raised for it."""
    try:
        locale = reader.sessions.locale(site)
    except CredentialsError as error:
        return _unread_site(reader, site, str(error).removeprefix(f"{site}: "))
    caller = Caller(reader.sessions, site, locale, reader.pacer)
    with ThreadPoolExecutor(THREADS, thread_name_prefix=str(site)) as pool:
        listed, unread = read_resources(reader.specs, caller, pool, progress)
        unread = (*unread, *unnamed_versions(unread, reader.specs))
        resources = with_referred(listed, unread, reader.specs, caller, pool)
        return told(reader, caller, pool, resources, unread)


def told(
    reader: Reader,
    caller: Caller,
    pool: Executor,
    resources: tuple[Resource, ...],
    unread: tuple[Unread, ...] = (),
    names: Mapping[str, str] = NO_NAMES,
) -> SiteSnapshot:
    """What was read of a site, redacted, with the meaning of what it refers to.

    `names` are what the site calls paired resources that are not among these, with their symbols.
    """
    redaction = replace(reader.redaction, buckets=bucket_names(caller))
    resources = with_scaled(resources, reader.specs, caller)
    resolved = resolve(resources, reader.vocabulary, reader.symbols, caller, pool)
    references = {**resolved.references.symbols, **names}
    locale = replace(caller.locale, references=references, unresolved=resolved.references.unresolved)
    # Secrets are fingerprinted as they would be compared: with versions told by content, and under paired names.
    called = _with_names(SiteSnapshot(str(caller.site), locale, resources), reader)
    versions = hidden_versions(resolved.versions, reader, called, redaction, resolved.references.doubtful)
    meaning = with_versions(called, versions, reader.vocabulary)
    hides = hiding(meaning, redaction, resolved.references.doubtful)
    named, unnamed = without_unnamed(resources, resolved.failures, reader.specs)
    read = (without_unresolved(one, resolved.failures) for one in named)
    shown = tuple(_redacted(read, reader, hides))
    known, every = replace(locale, doubtful=_shown_doubtful(resolved, (*shown, *versions))), (*unread, *unnamed)
    whole = joined(shown, versions)
    return SiteSnapshot(str(caller.site), known, whole, every, caller.counts(), caller.throttles())


def _with_names(raw: SiteSnapshot, reader: Reader) -> Locale:
    paired = name_references(raw, native_names(raw, reader.pairing))
    return replace(raw.locale, references={**raw.locale.references, **paired})


def _redacted(resources: Iterable[Resource], reader: Reader, hides: Hiding) -> Iterator[Resource]:
    trees = {name: spec_tree(spec) for name, spec in reader.specs.items()}
    return (redact(one, reader.specs[one.type], hides, trees[one.type]) for one in resources)


def _shown_doubtful(resolved: Resolved, shown: tuple[Resource, ...]) -> dict[str, str]:
    # Only what is shown all the same is kept: what looks like an id may be a secret.
    why = resolved.references.doubtful
    return {one: why[one] for one in named_in([*texts(shown)], why)}


def hidden_versions(
    versions: Iterable[Resource],
    reader: Reader,
    locale: Locale,
    redaction: Redaction,
    doubtful: Mapping[str, str],
) -> tuple[Resource, ...]:
    """Versions of functions, redacted; what they name of each other is told by content, as it is everywhere."""
    function = listed_part(reader.vocabulary[FUNCTION])
    made: list[Resource] = []
    for ready in generations(versions, locale):
        hides = hiding(with_versions(locale, made, reader.vocabulary), redaction, doubtful)
        made += [redact(one, function, hides) for one in ready]
    return tuple(made)


def _unread_site(reader: Reader, site: Site, why: str) -> SiteSnapshot:
    locale = Locale(site.region, "", "", partition_of(site.region))
    return SiteSnapshot(str(site), locale, (), tuple(Unread(type_, why) for type_ in reader.specs))


def bucket_names(caller: Caller) -> frozenset[str]:
    """The names of the buckets of all regions; none where they cannot be listed: they are secrets then."""
    # A function may name a bucket that is not its own region's, which is exactly what should be seen.
    try:
        return frozenset(caller.items("s3", BUCKETS, {}))
    except AWS_ERRORS:
        return frozenset()
