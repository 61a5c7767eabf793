"""What to say of calls that change a Lambda function, who may call it, and how many at a time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from auditor.dangers.lambda_running import running_dangers
from auditor.dangers.policy import added, gained, lost, lost_with, permissions, policy_dangers
from auditor.dangers.words import Asked, Rule, always, elements, listed, members, number
from auditor.model.plan import Warned
from auditor.model.values import ABSENT, Value

_AT_ONCE: Final = "at once for whoever calls $LATEST"


def _configuration(asked: Asked) -> Iterator[Warned]:
    # On the way to a facet of its own the environment is sent alone; a value of it is never named.
    if "Environment" in asked.params:
        yield from _environment(asked)
        return
    before, after = members(asked.found), members(asked.wanted)
    for name, worded in _WORDED.items():
        here, there = worded(before.get(name)), worded(after.get(name))
        if name in asked.params and here != there:
            yield Warned("outage", f"{name} becomes {there or 'none'} {_AT_ONCE}")
    for name, (size, default, meaning) in _SIZES.items():
        so_far, less = (number(size(one.get(name))) or default for one in (before, after))
        if name in asked.params and less < so_far:
            yield Warned("outage", f"{name} is lowered from {so_far:g} to {less:g}: {meaning}")
    yield from _let_go(asked, before, after)
    yield from running_dangers(asked.params, before, after)


def _let_go(asked: Asked, before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[Warned]:
    """What a function no longer keeps: events that failed, the lock on its variables, and its logs where they were."""
    here, there = (members(one.get("DeadLetterConfig")).get("TargetArn") for one in (before, after))
    if "DeadLetterConfig" in asked.params and here and here != there:
        yield Warned("irreversible", f"{here} no longer gets the events that failed")
    if "KMSKeyArn" in asked.params and before.get("KMSKeyArn") and not after.get("KMSKeyArn"):
        yield Warned("exposure", f"the environment can be read without the right to use {before['KMSKeyArn']}")
    if "LoggingConfig" in asked.params:
        yield from _logged(members(before.get("LoggingConfig")), members(after.get("LoggingConfig")))
    if "ImageConfig" in asked.params:
        yield Warned("outage", f"the image is started by another command {_AT_ONCE}")


_LEVELS: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def _logged(before: Mapping[str, Value], after: Mapping[str, Value]) -> Iterator[Warned]:
    own = "its own log group"
    here, there = (one.get("LogGroup") or own for one in (before, after))
    if here != there:
        yield Warned("irreversible", f"what is logged goes to {there}, and no longer to {here}")
    was, becomes = (one.get("LogFormat") or "Text" for one in (before, after))
    if was != becomes:
        yield Warned("outage", f"the logs' format becomes {becomes}: what filters the {was} finds nothing")
    for name in ("ApplicationLogLevel", "SystemLogLevel"):
        least, most = (_LEVELS.index(str(one.get(name))) if one.get(name) in _LEVELS else 0 for one in (before, after))
        if becomes == "JSON" and most > max(
            least, _LEVELS.index("INFO") if was == "JSON" and not before.get(name) else 0
        ):
            yield Warned("irreversible", f"what is below {_LEVELS[most]} is no longer logged ({name})")


def _plain(value: Value) -> str:
    return str(value or "")


def _network(value: Value) -> str:
    parts = [*elements(members(value).get("SubnetIds")), *elements(members(value).get("SecurityGroupIds"))]
    return listed(sorted(map(str, parts)))


def _layers(value: Value) -> str:
    # In their order, in which a later one overlays those before.
    return listed(str(layer.get("Arn")) for layer in elements(value))


def _mounts(value: Value) -> str:
    return listed(f"{one.get('Arn')} at {one.get('LocalMountPath')}" for one in elements(value))


_WORDED: Final[Mapping[str, Callable[[Value], str]]] = {
    "Handler": _plain,
    "Runtime": _plain,
    "Role": _plain,
    "VpcConfig": _network,
    "Layers": _layers,
    "FileSystemConfigs": _mounts,
}
_SIZES: Final[Mapping[str, tuple[Callable[[Value], Value], float, str]]] = {
    "Timeout": (lambda value: value, 3, "calls that take longer are cut off"),
    "MemorySize": (lambda value: value, 128, "calls get less memory and processor, and fail or take longer"),
    "EphemeralStorage": (lambda value: members(value).get("Size"), 512, "calls that write more to /tmp fail"),
}
"""How a number is found, Lambda's default of it, and what it means that there is less."""


def _environment(asked: Asked) -> Iterator[Warned]:
    here, there = (members(members(value).get("Variables")) for value in (asked.found, asked.wanted))
    names = sorted(name for name in here.keys() | there.keys() if not _stays(here.get(name), there.get(name)))
    if names:
        yield Warned("outage", f"the environment variables {listed(names)} change {_AT_ONCE}")


def _stays(found: Value, wanted: Value) -> bool:
    # What is wanted holds no fingerprint: a reference to what the function has already, to golden's, or what is shown.
    own = isinstance(wanted, str) and wanted.startswith("${own:")
    return own or wanted in (found, members(found).get("shown", found))


def _code(asked: Asked) -> Iterator[Warned]:
    image, built = asked.params.get("ImageUri"), listed(elements(asked.params.get("Architectures")))
    what = f"the image {image}" if image else "golden's code"
    yield Warned("outage", f"{what}{f' for {built}' if built else ''} runs {_AT_ONCE}")


def _alias(asked: Asked) -> Iterator[Warned]:
    if "FunctionVersion" in asked.params:
        yield Warned("outage", f"live traffic moves to version {asked.params['FunctionVersion']}")
    if "RoutingConfig" in asked.params:
        weights = members(members(asked.params["RoutingConfig"]).get("AdditionalVersionWeights"))
        shares = listed(f"{100 * number(weight):g} % to version {version}" for version, weight in weights.items())
        yield Warned("outage", f"live traffic is split: {shares}" if shares else "live traffic is no longer split")


def _reserve(asked: Asked) -> Iterator[Warned]:
    before, after = asked.found, asked.params.get("ReservedConcurrentExecutions")
    if after == 0:
        yield Warned("outage", "reserved concurrency 0 stops the function: every call is throttled")
    elif asked.verb != "create" and (before is ABSENT or number(after) < number(before)):
        so_far = "no limit of its own" if before is ABSENT else str(before)
        yield Warned("outage", f"more than {after} calls at a time are throttled ({so_far} so far)")
    more = number(after) - number(before)
    if more > 0:
        yield Warned("outage", f"takes {more:g} from the concurrency that the other functions share")


def _unreserve(asked: Asked) -> Iterator[Warned]:
    was = f" of {asked.found}" if asked.found is not ABSENT else ""
    yield Warned("outage", f"without its reserve{was} the function takes from what the others share")


def _provision(asked: Asked) -> Iterator[Warned]:
    before, after = number(asked.found), number(asked.params.get("ProvisionedConcurrentExecutions"))
    if after > before:
        yield Warned("cost", f"{after:g} environments are kept warm, billed by the hour ({before:g} so far)")
    elif after < before:
        yield Warned("outage", f"{after:g} environments are kept warm instead of {before:g}: calls beyond start cold")


def _unprovision(asked: Asked) -> Iterator[Warned]:
    warm = f" ({asked.found} environments were kept warm)" if asked.found is not ABSENT else ""
    yield Warned("outage", f"calls start cold{warm}")


def _scale(asked: Asked) -> Iterator[Warned]:
    before, after = members(asked.found), members(asked.params.get("FunctionScalingConfig"))
    least, most = "MinExecutionEnvironments", "MaxExecutionEnvironments"
    if number(after.get(least)) > number(before.get(least)):
        yield Warned("cost", f"at least {after[least]} environments run, billed by the hour")
    if most in after and asked.verb != "create" and (most not in before or after[most] < before[most]):
        yield Warned("outage", f"at most {after[most]} environments run: calls beyond are throttled")


def _capacity(asked: Asked) -> Iterator[Warned]:
    name = "CapacityProviderScalingConfig"
    here, there = (members(members(one).get(name)).get("MaxVCpuCount") for one in (asked.found, asked.params))
    if asked.operation == "CreateCapacityProvider":
        yield Warned("cost", f"instances run, billed by the hour{f', of up to {there} vCPUs' if there else ''}")
    elif name in asked.params and here != there:
        # Left out, AWS's own limit holds.
        if there is not None and (here is None or there < here):
            yield Warned("outage", f"at most {there} vCPUs run: calls beyond are throttled")
        else:
            limit = "as many vCPUs as AWS allows" if there is None else f"up to {there} vCPUs"
            yield Warned("cost", f"{limit} run, billed by the hour")
    yield from _scaled_otherwise(asked)


def _scaled_otherwise(asked: Asked) -> Iterator[Warned]:
    """How a capacity provider adds instances, and where what it does is logged."""
    before = members(asked.found)
    if asked.operation != "UpdateCapacityProvider":
        return
    here, there = (members(one.get("CapacityProviderScalingConfig")) for one in (before, asked.params))
    changed = [name for name in ("ScalingMode", "ScalingPolicies") if here.get(name) != there.get(name)]
    if there and changed:
        yield Warned("cost", f"instances are added and taken away at another load ({listed(changed)})")
    logs = [members(members(one.get("TelemetryConfig")).get("LoggingConfig")) for one in (before, asked.params)]
    if "TelemetryConfig" in asked.params and logs[0] != logs[1]:
        yield Warned("irreversible", "what the capacity provider does is logged elsewhere, or less of it")


def _recursion(asked: Asked) -> Iterator[Warned]:
    before, after = (value if value is not ABSENT else "Terminate" for value in (asked.found, asked.wanted))
    if after == "Allow" != before:
        yield Warned("cost", "a function that calls itself over SQS, SNS or S3 is no longer stopped")
    elif before == "Allow" != after:
        yield Warned("outage", "a function that calls itself over SQS, SNS or S3 is stopped after 16 times")


def _policy(asked: Asked) -> Iterator[Warned]:
    return policy_dangers(asked.found, asked.wanted, asked.verb == "create")


def _let_in(asked: Asked) -> Iterator[Warned]:
    return gained(added(asked.params))


def _let_out(asked: Asked) -> Iterator[Warned]:
    sid = str(asked.params.get("StatementId"))
    if any(one.sid == sid for one in permissions(asked.found)):
        return lost(lost_with(sid, asked.found, asked.wanted))
    return iter((Warned("outage", f"whoever statement {sid} lets in is refused"),))


def _signing(asked: Asked) -> Iterator[Warned]:
    if asked.operation == "DeleteFunctionCodeSigningConfig":
        yield Warned("exposure", "code that nobody signed is taken")
    elif asked.verb != "create":
        yield Warned("outage", f"deploying code is refused or warned of unless {asked.wanted} knows who signed it")


def _signers(asked: Asked) -> Iterator[Warned]:
    before, after = members(asked.found), members(asked.wanted)
    name, path = "UntrustedArtifactOnDeployment", "SigningProfileVersionArns"
    was, becomes = (members(one.get("CodeSigningPolicies")).get(name, "Warn") for one in (before, after))
    if (was, becomes) == ("Enforce", "Warn"):
        yield Warned("exposure", "code that no publisher signed is taken, with a warning")
    elif (was, becomes) == ("Warn", "Enforce"):
        yield Warned("outage", "deploying code that no publisher signed is refused")
    here, there = (elements(members(one.get("AllowedPublishers")).get(path)) for one in (before, after))
    new, gone = ([one for one in these if one not in those] for these, those in ((there, here), (here, there)))
    if new:
        yield Warned("exposure", f"code signed by {listed(map(str, new))} is taken")
    if gone:
        yield Warned("outage", f"code signed by {listed(map(str, gone))} is taken no more")


LAMBDA: Final[Mapping[str, Rule]] = {
    "UpdateFunctionConfiguration": _configuration,
    "UpdateFunctionCode": _code,
    "DeleteFunction": always("irreversible", "its versions, aliases, policy and URL go with it, and none comes back"),
    "UpdateAlias": _alias,
    "DeleteAlias": always("outage", "whoever calls the function by this alias is refused"),
    "PutFunctionConcurrency": _reserve,
    "DeleteFunctionConcurrency": _unreserve,
    "PutProvisionedConcurrencyConfig": _provision,
    "DeleteProvisionedConcurrencyConfig": _unprovision,
    "PutFunctionScalingConfig": _scale,
    "CreateCapacityProvider": _capacity,
    "UpdateCapacityProvider": _capacity,
    "PutFunctionRecursionConfig": _recursion,
    "AddPermission": _let_in,
    "RemovePermission": _let_out,
    "PutResourcePolicy": _policy,
    "DeleteResourcePolicy": _policy,
    "AddLayerVersionPermission": _let_in,
    "RemoveLayerVersionPermission": _let_out,
    "DeleteLayerVersion": always("irreversible", "its number is never used again, and whoever names it is refused"),
    "PutFunctionCodeSigningConfig": _signing,
    "DeleteFunctionCodeSigningConfig": _signing,
    "UpdateCodeSigningConfig": _signers,
}
