"""Of every field that can be written something is said before it is, one way or the other, or a reason why not."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase

import pytest

from auditor.canonical.values import DROPPED
from auditor.dangers.dangers import HARMLESS, dangers
from auditor.model.plan import PlannedCall
from auditor.model.values import ABSENT
from auditor.resources import load_specs
from auditor.specs.field_tree import tree
from auditor.specs.writes import writing
from bench.generate import full_shape, full_value, places
from bench.mutate import another, replaced
from bench.variants import PLAIN, VARIANTS

BUCKET = "AWS::S3::Bucket"
TAGS = [{"Key": "k", "Value": "v"}]
NOT = {"Not": {"Prefix": "b/", "Tag": TAGS[0], "Or": {"Prefixes": ["c/"], "Tags": TAGS}}}


def expiring(**filter_):
    return {
        "Rules": [
            {
                "ID": "x",
                "Status": "Enabled",
                "Filter": filter_,
                "Expiration": {"Days": 30},
                "Transitions": [{"Days": 9, "StorageClass": "GLACIER"}],
            }
        ],
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }


def copying(**more):
    rules = [
        {
            "ID": one,
            "Priority": number,
            "Status": "Enabled",
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{one}",
                "StorageClass": "STANDARD_IA",
                "EncryptionConfiguration": {"ReplicaKmsKeyID": "k", "UseSourceMultiRegionKey": {"Status": "Enabled"}},
            },
            **more,
        }
        for number, one in enumerate("ab", 1)
    ]
    return {"Role": "arn:r", "Rules": rules}


def encrypted(algorithm, **more):
    blocked = {"BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **more}, **blocked}]}


TIERING = {"Id": "x", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
EXAMPLES = {
    # Beside what is generated, in which one member hides another, or nothing is turned on.
    (BUCKET, "lifecycle"): [
        expiring(Prefix="a/"),
        expiring(Tag=TAGS[0]),
        expiring(ObjectSizeGreaterThan=5),
        expiring(ObjectSizeLessThan=5),
        expiring(And={"Prefix": "a/", "Tags": [*TAGS, {"Key": "l", "Value": "w"}]}),
    ],
    (BUCKET, "replication"): [
        copying(Filter={"Prefix": "a/"}),
        copying(Filter={"Tag": TAGS[0]}),
        copying(Filter={"And": {"Prefix": "a/", "Tags": TAGS, **NOT}}),
        copying(Filter=NOT),
        copying(Prefix="a/"),
    ],
    (BUCKET, "encryption"): [
        encrypted("AES256"),
        {
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    ],
    (BUCKET, "website"): [
        {
            "IndexDocument": {"Suffix": "a"},
            "ErrorDocument": {"Key": "e"},
            "RoutingRules": [
                {
                    "Condition": {"KeyPrefixEquals": "a", "HttpErrorCodeReturnedEquals": "404"},
                    "Redirect": {
                        "HostName": "h",
                        "HttpRedirectCode": "301",
                        "Protocol": "https",
                        "ReplaceKeyPrefixWith": "b",
                        "ReplaceKeyWith": "c",
                    },
                }
            ],
        }
    ],
    (BUCKET, "acl"): [
        {
            "Owner": {"ID": "me"},
            "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "a"}, "Permission": "READ"}],
        },
        {"Owner": {"ID": "me"}, "Grants": [{"Grantee": {"EmailAddress": "a@b.c"}, "Permission": "READ"}]},
    ],
    (BUCKET, "object lock"): [
        {
            "ObjectLockEnabled": "Enabled",
            "Rule": {
                "DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1, "DefaultEventHold": {"Days": 2, "Years": 1}}
            },
        }
    ],
    (BUCKET, "intelligent tiering"): [
        [{**TIERING, "Filter": {"Prefix": "a/"}}],
        [{**TIERING, "Filter": {"Tag": TAGS[0]}}],
        [{**TIERING, "Filter": {"And": {"Prefix": "a/", "Tags": TAGS}}}],
    ],
    (BUCKET, "logging"): [
        {
            "LoggingEnabled": {
                "TargetBucket": "b",
                "TargetPrefix": "",
                "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
            }
        }
    ],
}
_WORDS = "words for people, which nothing goes by"
_FIXED = "AWS takes one value alone, with the switch of which something is said"
SILENT = {
    "AWS::S3::Bucket acl Grants[[]].Grantee.Type": "it follows from who is named",
    "* configuration Description": _WORDS,
    "AWS::CodeDeploy::DeploymentGroup configuration triggerConfigurations[[]].triggerName": _WORDS,
    "AWS::Lambda::CapacityProvider configuration PropagateTags*": "tags of instances that are started from then on",
    "AWS::Lambda::EventSourceMapping configuration LoggingConfig*": "what Lambda itself tells of the mapping",
    "AWS::Lambda::EventSourceMapping configuration DestinationConfig.OnSuccess*": "AWS takes none of a mapping",
    "AWS::Lambda::EventSourceMapping configuration ProvisionedPollerConfig.PollerGroupName": (
        "which mappings share pollers, of whose number something is said"
    ),
    "AWS::Lambda::Function configuration FileSystemConfigs[[]].S3FilesConfig*": "how the same files are read",
    "AWS::Lambda::Url configuration Cors.MaxAge": "how long a browser keeps what it was allowed",
    "AWS::S3::Bucket cors CORSRules[[]].MaxAgeSeconds": "how long a browser keeps what it was allowed",
    "AWS::S3::Bucket lifecycle Rules[[]].Expiration.ExpiredObjectDeleteMarker": (
        "it takes away markers behind which there is no object any more"
    ),
    "AWS::S3::Bucket replication Rules[[]].Destination.Account": (
        "whose the bucket is, which AWS checks; who owns the copies is said with AccessControlTranslation"
    ),
    "AWS::S3::Bucket replication Rules[[]].Destination.*.Minutes": _FIXED,
    "AWS::S3::Bucket replication Rules[[]].Destination.ReplicationTime.Time": _FIXED,
    "AWS::S3::Bucket replication Rules[[]].Destination.Metrics.EventThreshold": _FIXED,
    "AWS::S3::Bucket analytics [[]].StorageClassAnalysis.DataExport.OutputSchemaVersion": _FIXED,
    "AWS::S3::Bucket analytics [[]].StorageClassAnalysis.DataExport.Destination": "AWS demands it of an export",
    "AWS::S3::Bucket analytics [[]].StorageClassAnalysis.DataExport.Destination.S3BucketDestination": (
        "AWS demands it of an export"
    ),
}
"""Fields that can be written, as globs of type, facet and path, of which nothing is said, and why."""


def without(value, at):
    if not at:
        return ABSENT
    if len(at) > 1:
        return put(value, at[0], without(value[at[0]], at[1:]))
    if isinstance(value, list):
        return [*value[: at[0]], *value[at[0] + 1 :]]
    return {name: one for name, one in value.items() if name != at[0]}


def put(value, at, inside):
    return [*value[:at], inside, *value[at + 1 :]] if isinstance(value, list) else {**value, at: inside}


def sides(facet, value, place, variant):
    """The value with its place changed, and without it."""
    yield without(value, place.at)
    other = another(place, variant)
    if other is not ABSENT:
        yield replaced(value, place.at, other)


def said(spec, facet, found, wanted):
    """Whether the change is written by calls that somebody should know something of; None where there are none."""
    try:
        calls = writing(facet, found, wanted)
    except (TypeError, AttributeError, KeyError, ValueError):
        # AWS never tells such a value: an element without what names it, or nothing at all.
        return None
    made = [PlannedCall(one.service or spec.service, one.operation, one.params) for one in calls]
    told = any(one.operation in HARMLESS or dangers(spec.type, "update", one, found, wanted) for one in made)
    return told if made else None


def fields():
    """What is said of each field that can be written, by type, facet and path."""
    told = defaultdict(set)
    for spec in load_specs().values():
        for facet in (one for one in spec.facets if one.write):
            for variant, value in values(spec, facet):
                for place in places(full_shape(spec, facet), value, tree(facet.fields)):
                    nodes = [node.field for node in place.nodes if node.field]
                    if any(one.immutable or one.read_only or one.role in DROPPED for one in nodes):
                        continue
                    for other in sides(facet, value, place, variant):
                        for pair in ((value, other), (other, value)):
                            told[f"{spec.type} {facet.name} {place.path}"].add(said(spec, facet, *pair))
    return {name: found - {None} for name, found in told.items() if found - {None}}


def values(spec, facet):
    for variant in VARIANTS.get(spec.type, PLAIN):
        yield variant, full_value(spec, facet, variant)
        yield from ((variant, one) for one in EXAMPLES.get((spec.type, facet.name), ()))


FIELDS = fields()


def is_silent(name):
    return any(fnmatchcase(name, glob) for glob in SILENT)


def test_something_is_said_of_every_field_that_is_written_or_there_is_a_reason():
    assert [name for name, told in FIELDS.items() if True not in told and not is_silent(name)] == []


@pytest.mark.parametrize("glob", SILENT)
def test_every_reason_is_of_a_field_of_which_nothing_is_said(glob):
    assert [name for name, told in FIELDS.items() if fnmatchcase(name, glob) and True not in told]


def test_the_fields_are_those_of_the_types():
    assert len(FIELDS) > 400
