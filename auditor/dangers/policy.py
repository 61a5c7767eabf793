"""Whom a resource policy lets in or keeps out that it did not before. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of
public", says which conditions narrow what a policy lets everybody do.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from auditor.canonical.policy import canonical_policy
from auditor.canonical.policy_condition import as_list
from auditor.dangers.words import listed, members
from auditor.model.plan import Warned
from auditor.model.values import ABSENT, Value
from auditor.specs.public_access import is_narrow

_BUT: Final = "all but "
# With one of these a call cannot be refused that is made over TLS, as every SDK's is.
_AVOIDABLE: Final = frozenset({"aws:securetransport", "s3:tlsversion"})
_ADDED: Final[Mapping[str, str]] = {
    "SourceArn": "aws:SourceArn",
    "SourceAccount": "aws:SourceAccount",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "OrganizationId": "aws:PrincipalOrgID",
    "EventSourceToken": "lambda:EventSourceToken",
}
_ACCOUNT: Final = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(\d{12}|\$\{[^{}]+\})(?::|$)")
_OWN: Final = ("${account}", "${elb-log-account}")
_TAKES_BACK: Final = ("s3:putbucketpolicy", "s3:deletebucketpolicy", "lambda:putresourcepolicy")


@dataclass(frozen=True)
class Permission:
    """What one statement says of one action to one principal."""

    sid: str
    effect: str
    kind: str
    """AWS, Service, Federated or CanonicalUser; "" where the principals are all but some."""
    who: str
    action: str
    condition: str = field(repr=False)
    """As JSON; "" where there is none."""
    resources: frozenset[str]

    def without_place(self) -> tuple[str, ...]:
        """What makes two of them the same, but for the resources and the statement's name."""
        return (self.effect, self.kind, self.who, self.action.lower(), self.condition)


def policy_dangers(found: Value, wanted: Value, is_new: bool) -> Iterator[Warned]:
    """What to say of the change from one policy's text to another's (ABSENT: no policy).

    Of a resource that `is_new` nobody is shut out who was in; but it can shut out everybody.
    """
    if not (_is_readable(found) and _is_readable(wanted)):
        yield Warned("exposure", "the policy is no JSON object, so whom it lets in cannot be told")
        return
    here, there = permissions(found), permissions(wanted)
    yield from gained(_beyond(there, here), is_new)
    yield from lost(_beyond(here, there))


def gained(news: Iterable[Permission], is_new: bool = False) -> Iterator[Warned]:
    """What to say of permissions and denials that a policy has more than before."""
    for one, actions in _by_principal(news):
        reach = _reach(one)
        if one.effect == "Allow" and reach and not is_narrow(one.condition):
            yield Warned("exposure", f"statement {one.sid} lets {reach} call {actions}, and no condition narrows it")
        elif one.effect == "Deny" and _locks_out(one):
            yield Warned("outage", f"statement {one.sid} refuses {actions} to {_named(one)}: it may lock the account "
                                   "out, so that only its root user can take the policy away")  # fmt: skip
        elif one.effect == "Deny" and not is_new:
            where = " where its condition holds" if one.condition else ""
            yield Warned("outage", f"statement {one.sid} refuses {actions} to {_named(one)}{where}")


def lost(gone: Iterable[Permission]) -> Iterator[Warned]:
    """What to say of permissions and denials that a policy no longer has."""
    for one, actions in _by_principal(gone):
        if one.effect == "Allow":
            yield Warned("outage", f"statement {one.sid} no longer lets {_named(one)} call {actions} as before")
        else:
            yield Warned("exposure", f"statement {one.sid} no longer refuses {actions} to {_named(one)} as before")


def lost_with(sid: str, found: Value, wanted: Value) -> list[Permission]:
    """What goes with the statement of this name, and is not there under another."""
    return [one for one in _beyond(permissions(found), permissions(wanted)) if one.sid == sid]


def permissions(policy: Value) -> list[Permission]:
    """What the statements of a policy's text say, action by action and principal by principal."""
    document = {} if policy is ABSENT else canonical_policy(policy, str)
    statements = members(members(document).get("Statement"))
    return [one for sid, content in statements.items() for one in _permissions(sid, members(content))]


def added(params: Mapping[str, Value]) -> list[Permission]:
    """What the statement says that AddPermission, or AddLayerVersionPermission, makes with these parameters."""
    who = str(params.get("Principal"))
    kind = "Service" if "." in who and not who.startswith("arn:") else "AWS"
    tests = {key: params[name] for name, key in _ADDED.items() if name in params}
    condition = json.dumps({"ArnLike": tests}) if tests else ""
    sid, action = str(params.get("StatementId")), str(params.get("Action"))
    return [Permission(sid, "Allow", kind, who, action, condition, frozenset({"*"}))]


def _is_readable(policy: Value) -> bool:
    return policy is ABSENT or isinstance(canonical_policy(policy, str), dict)


def _permissions(sid: str, content: Mapping[str, Value]) -> Iterator[Permission]:
    condition = json.dumps(content["Condition"], sort_keys=True) if content.get("Condition") else ""
    resources = frozenset(_either(content, "Resource"))
    for kind, who in _principals(content):
        for action in _either(content, "Action"):
            yield Permission(sid, str(content.get("Effect")), kind, who, action, condition, resources)


def _either(content: Mapping[str, Value], name: str) -> list[str]:
    # What is left out of a "Not…" cannot be told apart from the rest, so it stays one thing.
    return _texts(content[name]) if name in content else [_BUT + ", ".join(_texts(content.get(f"Not{name}", [])))]


def _principals(content: Mapping[str, Value]) -> list[tuple[str, str]]:
    if "Principal" in content:
        return [(kind, who) for kind, names in members(content["Principal"]).items() for who in _texts(names)]
    spared = content.get("NotPrincipal", [])
    names = [who for one in members(spared).values() or [spared] for who in _texts(one)]
    return [("", _BUT + ", ".join(names))]


def _texts(value: Value) -> list[str]:
    return [str(one) for one in (value.values() if isinstance(value, dict) else as_list(value))]


def _beyond(these: list[Permission], those: list[Permission]) -> list[Permission]:
    """What the first say that the second do not; what they say without a condition holds with every one."""
    said: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one in those:
        said[one.without_place()] |= one.resources
    return [
        one
        for one in these
        if not one.resources <= said[one.without_place()] | said[(*one.without_place()[:-1], "")]
    ]  # fmt: skip


def _by_principal(all_: Iterable[Permission]) -> Iterator[tuple[Permission, str]]:
    grouped: dict[tuple[str, ...], list[Permission]] = defaultdict(list)
    for one in all_:
        grouped[one.sid, one.effect, one.kind, one.who, one.condition].append(one)
    for same in grouped.values():
        # The one that could lock the account out speaks for the others.
        yield max(same, key=_locks_out), listed(one.action for one in same)


def _reach(one: Permission) -> str:
    """Who is let in beside the account's own; "" for nobody."""
    if one.who == "*" or not one.kind:
        return _named(one)
    if one.kind == "Service":
        # A service acts for whoever set it up, in any account: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
        return f"{one.who}, on anybody's behalf," if one.action.lower().startswith("lambda:") else ""
    account = _ACCOUNT.match(one.who)
    if not account or account[1] in _OWN:
        return ""
    who = one.who[account.end() :]
    return f"account {account[1]}" + (f" ({who})" if "/" in who else "")


def _named(one: Permission) -> str:
    return "anybody" if one.who == "*" else re.sub(f"^{_BUT}", "everybody but ", one.who)


def _locks_out(one: Permission) -> bool:
    action, places = one.action.lower(), one.resources
    return (
        one.effect == "Deny"
        and (one.who in ("*", "${account}") or not one.kind)
        and (one.action.startswith(_BUT) or any(fnmatchcase(needed, action) for needed in _TAKES_BACK))
        and any("/" not in place or place.startswith(_BUT) for place in places)
        and not _is_avoidable(one.condition)
    )


def _is_avoidable(condition: str) -> bool:
    return any(
        key.lower() in _AVOIDABLE and "true" not in _texts(value)
        for tests in (json.loads(condition) if condition else {}).values()
        for key, value in members(tests).items()
    )
