"""Whatever a site has and whatever golden has: AWS takes the planned calls in their order, and the way back too.

AWS is a small model of what it refuses, written by its documentation and apart from what plans are made of.
"""

from __future__ import annotations

import json

from hypothesis import example, given, settings, strategies as st
from plan.grounds import ALIAS, GOLDEN, TARGET, bucket, function, planned, resource, site

from auditor.model.values import ABSENT

SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
OWNER = {"Type": "CanonicalUser", "ID": "me"}
OWN_ACL = {"Owner": {"ID": "me"}, "Grants": [{"Grantee": OWNER, "Permission": "FULL_CONTROL"}]}
PUBLIC_ACL = {
    **OWN_ACL,
    "Grants": [*OWN_ACL["Grants"], {"Grantee": {"Type": "Group", "URI": ALL}, "Permission": "READ"}],
}
LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}}}
REPLICATION = {
    "Role": "arn:aws:iam::210987654321:role/r",
    "Rules": [{"ID": "a", "Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::other"}}],
}
TAGS = [{"Key": "a", "Value": "b"}]


def policy(principal):
    statement = {"Sid": "a", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


POLICIES = (ABSENT, policy({"AWS": "arn:aws:iam::210987654321:role/r"}), policy("*"))


class RefusedError(Exception):
    """The model does not take a call."""


class Bucket:
    """What a bucket has, by facet, and what S3 refuses of it."""

    def __init__(self, state):
        self.state = dict(state)

    def call(self, operation, params):
        getattr(self, operation)(params)

    def refuse(self, why, holds):
        if holds:
            raise RefusedError(why)

    def blocks(self, name):
        block = self.state["public_access_block"]
        return block is not ABSENT and block.get(name, False)

    def is_enforced(self):
        controls = self.state["ownership_controls"]
        return controls is not ABSENT and controls["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"

    def is_enabled(self):
        return self.state["versioning"] is not ABSENT and self.state["versioning"]["Status"] == "Enabled"

    def PutBucketVersioning(self, params):  # noqa: N802 as AWS calls it
        found, status = self.state["versioning"], params["VersioningConfiguration"]["Status"]
        mfa = {"MFADelete": "Enabled"} if found is not ABSENT and found.get("MFADelete") == "Enabled" else {}
        bound = ABSENT is not self.state["replication"] or ABSENT is not self.state["object_lock"]
        self.refuse("it takes a code", mfa)
        self.refuse("it is bound", status == "Suspended" and bound)
        self.state["versioning"] = {"Status": status, **mfa}

    def PutBucketReplication(self, params):  # noqa: N802
        self.refuse("it is not versioned", not self.is_enabled())
        self.state["replication"] = params["ReplicationConfiguration"]

    def PutObjectLockConfiguration(self, params):  # noqa: N802
        self.refuse("it is not versioned", not self.is_enabled())
        self.state["object_lock"] = params["ObjectLockConfiguration"]

    def PutBucketPolicy(self, params):  # noqa: N802
        statements = json.loads(params["Policy"])["Statement"]
        self.refuse("it is public", self.blocks("BlockPublicPolicy") and statements[0]["Principal"] == "*")
        self.state["policy"] = params["Policy"]

    def PutBucketAcl(self, params):  # noqa: N802
        wanted = params["AccessControlPolicy"]
        self.refuse("there are no ACLs", self.is_enforced())
        self.refuse("it is public", self.blocks("BlockPublicAcls") and len(wanted["Grants"]) > 1)
        self.state["acl"] = wanted

    def PutBucketOwnershipControls(self, params):  # noqa: N802
        enforced = params["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"
        self.refuse("others are let in", enforced and len(self.state["acl"]["Grants"]) > 1)
        self.state["ownership_controls"] = params["OwnershipControls"]

    def DeleteBucketOwnershipControls(self, _):  # noqa: N802
        self.state["ownership_controls"] = ABSENT

    def PutPublicAccessBlock(self, params):  # noqa: N802
        self.state["public_access_block"] = params["PublicAccessBlockConfiguration"]

    def DeletePublicAccessBlock(self, _):  # noqa: N802
        self.state["public_access_block"] = ABSENT

    def DeleteBucketPolicy(self, _):  # noqa: N802
        self.state["policy"] = ABSENT

    def DeleteBucketReplication(self, _):  # noqa: N802
        self.state["replication"] = ABSENT

    def PutBucketAbac(self, params):  # noqa: N802
        self.state["abac"] = params["AbacStatus"]

    def TagResource(self, _):  # noqa: N802
        # Conditions on tags count while ABAC is on.
        self.refuse("tags would count at once", self.state["abac"]["Status"] == "Enabled" and self.state["watched"])
        self.state["tagging"] = TAGS

    def UntagResource(self, _):  # noqa: N802
        self.refuse("tags would count at once", self.state["abac"]["Status"] == "Enabled" and self.state["watched"])
        self.state["tagging"] = []


def versioned(status, mfa):
    return ABSENT if status is None else {"Status": status, **({"MFADelete": "Enabled"} if mfa else {})}


def is_possible(state):
    enabled = state["versioning"] is not ABSENT and state["versioning"]["Status"] == "Enabled"
    needs = ABSENT is not state["replication"] or ABSENT is not state["object_lock"]
    controls = state["ownership_controls"]
    enforced = controls is not ABSENT and controls["Rules"][0]["ObjectOwnership"] == "BucketOwnerEnforced"
    return (enabled or not needs) and not (enforced and state["acl"] is PUBLIC_ACL)


BUCKETS = st.fixed_dictionaries(
    {
        "versioning": st.builds(versioned, st.sampled_from([None, "Enabled", "Enabled", "Suspended"]), st.booleans()),
        "replication": st.sampled_from([ABSENT, REPLICATION]),
        "object_lock": st.sampled_from([ABSENT, ABSENT, LOCK]),
        "policy": st.sampled_from(POLICIES),
        "public_access_block": st.one_of(
            st.just(ABSENT), st.fixed_dictionaries({name: st.booleans() for name in SETTINGS})
        ),
        "ownership_controls": st.sampled_from(
            [
                ABSENT,
                *({"Rules": [{"ObjectOwnership": one}]} for one in ("ObjectWriter", "BucketOwnerEnforced")),
            ]
        ),
        "acl": st.sampled_from([OWN_ACL, PUBLIC_ACL]),
        "abac": st.sampled_from([{"Status": "Enabled"}, {"Status": "Disabled"}]),
        "tagging": st.sampled_from([[], TAGS]),
    }
).filter(is_possible)


def configured(state):
    return {name: value for name, value in state.items() if value is not ABSENT}


def bucket_plan(found, wanted):
    return planned(
        site(GOLDEN, bucket("b", GOLDEN, **configured(wanted))), site(TARGET, bucket("b", **configured(found)))
    )


def carried_out(plan, model):
    """Each call of a plan, in its order."""
    for action in plan.actions:
        for call in action.calls:
            model.call(call.operation, {**call.params, "native": action.native})


def taken_back(plan, model):
    """Each call that undoes a plan, in the opposite order."""
    for action in reversed(plan.actions):
        for call in action.undo:
            model.call(call.operation, {**call.params, "native": action.native})


@settings(deadline=None, max_examples=300)
@given(BUCKETS, BUCKETS)
def test_s3_takes_every_plan_of_a_bucket_and_its_way_back(found, wanted):
    plan, model = bucket_plan(found, wanted), Bucket({**found, "watched": found["abac"] != wanted["abac"]})

    carried_out(plan, model)
    # Golden is reached, but for what is left out.
    after = bucket_plan({name: model.state[name] for name in found}, wanted)
    assert [action.facet for action in after.actions] == []
    taken_back(plan, model)


class Function:
    """What is reserved for a function and provisioned for its aliases, and what Lambda refuses of it."""

    def __init__(self, reserved, provisioned):
        self.reserved, self.provisioned = reserved, dict(provisioned)

    def call(self, operation, params):
        alias = params["native"].partition("/")[2]
        if operation == "PutFunctionConcurrency":
            self.reserved = params["ReservedConcurrentExecutions"]
        elif operation == "DeleteFunctionConcurrency":
            self.reserved = None
        elif operation == "PutProvisionedConcurrencyConfig":
            self.provisioned[alias] = params["ProvisionedConcurrentExecutions"]
        else:
            del self.provisioned[alias]
        if self.reserved is not None and sum(self.provisioned.values()) > self.reserved:
            raise RefusedError(f"{operation}: more is provisioned than reserved")


NUMBERS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(1, 9))
FUNCTIONS = st.tuples(st.none() | st.integers(1, 20), NUMBERS).filter(
    lambda one: one[0] is None or sum(one[1].values()) <= one[0]
)


def alias_with(name, provisioned):
    own = {"provisioned_concurrency": provisioned[name]} if name in provisioned else {}
    return resource(ALIAS, f"f/{name}", configuration={"Name": name}, **own)


def function_site(region, reserved, provisioned):
    own = {} if reserved is None else {"concurrency": reserved}
    return site(region, function("f", region, **own), *(alias_with(name, provisioned) for name in ("a", "b", "c")))


@settings(deadline=None, max_examples=300)
@given(FUNCTIONS, FUNCTIONS)
@example((1, {"b": 1}), (1, {"a": 1}))
def test_lambda_takes_every_plan_of_concurrency_and_its_way_back(found, wanted):
    plan, model = planned(function_site(GOLDEN, *wanted), function_site(TARGET, *found)), Function(*found)

    carried_out(plan, model)
    assert (model.reserved, model.provisioned) == wanted
    taken_back(plan, model)
    assert (model.reserved, model.provisioned) == found
