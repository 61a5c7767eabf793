"""Golden and target sites made by hand of raw facet values, and the plan that comes of their drift."""

from __future__ import annotations

from dataclasses import replace

from auditor.canonical.pairing import BY_NAME
from auditor.compare.drift import Scope, drift
from auditor.compare.findings import Judgement
from auditor.model.values import DriftException, Locale, Reading, Resource, SiteSnapshot, State, parse_site
from auditor.plan.authority import refuse_beyond
from auditor.plan.choice import Choice
from auditor.plan.ground import ground
from auditor.plan.plan import plan, unknown_symbols
from auditor.plan.site_plan import Planner
from auditor.resources import load_specs

SPECS = load_specs()
GOLDEN, TARGET, THIRD = "us-east-1", "eu-west-1", "ap-southeast-2"
BUCKET, FUNCTION, ALIAS = "AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::Lambda::Alias"
MAPPING, URL = "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Url"
LAYER, SIGNING = "AWS::Lambda::LayerVersion", "AWS::Lambda::CodeSigningConfig"
APPLICATION, DEPLOYMENT_CONFIG = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentConfig"
STACK = "aws:cloudformation:stack-name"
LOCALES = {
    GOLDEN: Locale(GOLDEN, "use1", "123456789012"),
    TARGET: Locale(TARGET, "euw1", "123456789012"),
    THIRD: Locale(THIRD, "apse2", "123456789012"),
}
DENIED = Reading(State.UNREADABLE, error="AccessDenied: no")


def resource(type_, name, **values):
    """A resource with these raw values by facet (`_` for a space); the other facets are not configured."""
    given = {key.replace("_", " "): _reading(value) for key, value in values.items()}
    absent = {facet.name: Reading(State.ABSENT) for facet in SPECS[type_].facets}
    return Resource(type_, name, absent | given)


def _reading(value):
    return value if isinstance(value, Reading) else Reading(State.READ, value)


def bucket(name, region=TARGET, **values):
    return resource(BUCKET, name, location=region, **values)


def function(name, region=TARGET, /, *, sha="sha-of-one", architectures=("x86_64",), settings=None, **values):
    """A function of 128 MB whose code has the hash `sha`; `settings` are further members of its configuration."""
    configuration = {
        "FunctionName": name,
        "FunctionArn": f"arn:aws:lambda:{region}:123456789012:function:{name}",
        "Role": "arn:aws:iam::123456789012:role/app",
        "Handler": "app.handler",
        "Runtime": "python3.12",
        "MemorySize": 128,
        **(settings or {}),
    }
    package = {"CodeSha256": sha, "Architectures": list(architectures), "PackageType": "Zip"}
    return resource(FUNCTION, name, configuration=configuration, package=package, **values)


def secret(fingerprint, **others):
    return {"secret": fingerprint, **others}


def site(region, *resources, unread=(), **locale):
    return SiteSnapshot(region, replace(LOCALES[region], **locale), tuple(resources), tuple(unread))


def accepting(resource_, path="*", region="*"):
    return DriftException(resource_, "agreed", path, region)


def drifted(golden, *others, exceptions=(), pairing=BY_NAME):
    loaders = [(parse_site(one.site), lambda one=one: one) for one in others]
    scope = Scope(SPECS, pairing=pairing, judgement=Judgement(tuple(exceptions), "2026-11-24"))
    return drift(parse_site(GOLDEN), GOLDEN, "2026-11-24T01:02:03Z", golden, loaders, scope)


def planner_of(golden, choice=None, live=True, pairing=BY_NAME, meanings=None, untold=None):
    def at(wide):
        return ground(parse_site(GOLDEN), golden, SPECS, SPECS, pairing, wide)

    return Planner(SPECS, at, live, choice or Choice(), pairing, meanings or {}, untold or {})


def grounds_of(*others, pairing=BY_NAME):
    return {one.site: ground(parse_site(one.site), one, SPECS, SPECS, pairing) for one in others}


def planned(golden, *others, exceptions=(), pairing=BY_NAME, **asked):
    """The plan that makes the other sites like golden."""
    found = drifted(golden, *others, exceptions=exceptions, pairing=pairing)
    made = plan(found, planner_of(golden, pairing=pairing, **asked), grounds_of(*others, pairing=pairing), "key")
    refuse_beyond(made, SPECS, "the plan")
    return made


def asked_for(golden, *others, **asked):
    """The symbols that somebody has to look up before."""
    return unknown_symbols(drifted(golden, *others), planner_of(golden, **asked), grounds_of(*others))


def calls(made):
    """The operations of a plan, in order."""
    return [call.operation for action in made.actions for call in action.calls]


def params(made, operation):
    """The parameters of the one call of this operation."""
    [found] = [call.params for action in made.actions for call in action.calls if call.operation == operation]
    return dict(found)


def acting(made, operation):
    """The one action with a call of this operation."""
    [found] = [one for one in made.actions if operation in [call.operation for call in one.calls]]
    return found


def left(made):
    """What a plan leaves, and why: places with reasons."""
    return {one.path: one.why for one in made.left_out}


def undone(action):
    return [(call.operation, dict(call.params)) for call in action.undo]


def tags(**values):
    return [{"Key": key, "Value": value} for key, value in values.items()]
