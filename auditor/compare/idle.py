"""What settings name, and nothing that was compared is: selectors and exceptions, with what is nearest. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from auditor.compare.exceptions import expired
from auditor.compare.idle_names import Names, Used
from auditor.compare.selection import Selector
from auditor.errors import NothingComparedError
from auditor.model.values import Drift, DriftException, parse_site
from auditor.nearest import hint, resource_hint


@dataclass(frozen=True)
class Seen:
    """What was there, in golden and in the sites: what took part, and what the selection left out."""

    selected: Names = frozenset()
    left: Names = frozenset()
    matched: frozenset[int] = frozenset()
    """The selectors that matched anything: their place among includes and excludes, in this order."""
    used: Used = frozenset()

    def among(self, others: Iterable[Seen]) -> Seen:
        """This, and what others saw besides."""
        held = (self, *others)
        return Seen(
            frozenset[tuple[str, str]]().union(*(one.selected for one in held)),
            frozenset[tuple[str, str]]().union(*(one.left for one in held)),
            frozenset[int]().union(*(one.matched for one in held)),
            frozenset[tuple[str, ...]]().union(*(one.used for one in held)),
        )

    @property
    def counted(self) -> dict[str, int]:
        """How many took part, by type."""
        return dict(sorted(Counter(type_ for type_, _ in self.selected).items()))

    @property
    def all(self) -> Names:
        """Every resource that was there."""
        return self.selected | self.left


def refuse_uncompared(found: Drift, include: tuple[Selector, ...]) -> None:
    """Raise NothingComparedError where not one resource of any site was compared with golden's.

    What could not be read is another matter: it is known not to be known.
    """
    if not found.sites:
        raise NothingComparedError(
            f"Nothing was compared: there is no site beside {found.golden}. Name another one under 'regions', or with "
            "--region."
        )
    if found.names or not found.complete or found.findings:
        return
    if not found.left:
        types = ", ".join(found.types)
        raise NothingComparedError(f"Nothing was compared: no site has a resource. Looked for: {types}.")
    seen = Seen(left=found.left)
    told = "".join(f"\n  {one}" for one in idle_selectors(include, (), seen))
    raise NothingComparedError(
        f"Nothing was compared: 'select' leaves out every resource ({len(found.left):,}). Mend it in auditor.yaml."
        f"{told}"
    )


def idle_selectors(include: tuple[Selector, ...], exclude: tuple[Selector, ...], seen: Seen) -> Iterator[str]:
    """What is to be said of each selector that matches nothing."""
    for number, one in enumerate((*include, *exclude)):
        if number not in seen.matched:
            kind, place = ("include", number) if number < len(include) else ("exclude", number - len(include))
            yield f"select.{kind}[{place}] ({selector_text(one)}) matches no resource.{_hint(one, seen.all)}"


def selector_text(selector: Selector) -> str:
    """A selector as the settings have it."""
    told = {"type": selector.type, "name": selector.name}
    parts = [f"{name}: {glob}" for name, glob in told.items() if glob != "*"]
    tags = ", ".join(f"{key}: {glob}" for key, glob in selector.tags.items())
    return ", ".join([*parts, *([f"tags: {{{tags}}}"] if tags else [])]) or "everything"


def _hint(selector: Selector, names: Names) -> str:
    types = {type_ for type_, _ in names}
    of_type = {key for key in names if fnmatchcase(key[0], selector.type)}
    if types and not of_type:
        return hint(selector.type, types)
    if any(fnmatchcase(name, selector.name) for _, name in of_type):
        return " No resource of that name has such tags." if selector.tags else ""
    return resource_hint(selector.name, of_type)


def idle_exceptions(
    exceptions: Iterable[DriftException], on: str, sites: tuple[str, ...], types: Iterable[str], seen: Seen
) -> Iterator[str]:
    """What is to be said of each of these exceptions, none of which covers anything; of those out of scope, nothing."""
    known = tuple(types)
    for one in exceptions:
        # What is not among the types may well be there.
        if not expired(one, on) and any(fnmatchcase(type_, one.resource.partition("/")[0]) for type_ in known):
            why = _why_idle(one, sites, seen)
            yield from [f"The exception on {exception_text(one)} covers nothing{why}"] if why else []


def _why_idle(exception: DriftException, sites: tuple[str, ...], seen: Seen) -> str:
    there = {key for key in seen.all if fnmatchcase("/".join(key), exception.resource)}
    if not there:
        return f": no resource is called so (any more).{resource_hint(exception.resource, seen.all)}"
    if not there & seen.selected:
        return ""
    if not any(_is_for(exception, site) for site in sites):
        where = exception.site if exception.site != "*" else exception.region
        return f": no site that is compared is called {where}.{hint(where, sites)}"
    return " any more; it can be deleted."


def _is_for(exception: DriftException, site: str) -> bool:
    return fnmatchcase(parse_site(site).region, exception.region) and fnmatchcase(site, exception.site)


def exception_text(exception: DriftException) -> str:
    """What an exception is about."""
    what = f" {exception.path or '(being there)'}" if exception.path != "*" else ""
    return f"{exception.resource}{what}"
