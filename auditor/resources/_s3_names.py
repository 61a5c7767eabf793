"""How buckets are made, and the names that nobody can or should give: AWS makes some at random. Pure."""

from __future__ import annotations

import re
from typing import Final

from auditor.model.values import Locale
from auditor.specs.site_choices import BUCKET_NAMESPACE, LOCATION_CONSTRAINT
from auditor.specs.spec import Call

CREATE: Final = Call(
    "CreateBucket",
    {
        "Bucket": "${name}",
        "CreateBucketConfiguration": {"LocationConstraint": LOCATION_CONSTRAINT},
        "BucketNamespace": BUCKET_NAMESPACE,
    },
)
"""Makes a bucket in the region that the call is made in; only there are its own buckets listed."""

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
_REGIONAL: Final = re.compile(r".+-(\d{12})-([a-z]{2,4}(?:-[a-z]+)+-\d)-an")
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-console-create-stack-template.html
_TEMPLATES: Final = re.compile(r"cf-templates-.+")
# STACK-LOGICALID-RANDOM: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
# The CDK ends a logical id in eight hexadecimal digits.
_OF_A_STACK: Final = re.compile(r".*[a-z][0-9a-f]{8}-(?=[a-z0-9]*[a-z])(?=[a-z0-9]*\d)[a-z0-9]{12,13}")


def reserved(name: str, locale: Locale) -> str:
    """Why no bucket of this name is made in a site; "" for any other name."""
    regional = _REGIONAL.fullmatch(name)
    if regional and regional.groups() != (locale.account, locale.region):
        return f"{name} is in the namespace of account {regional[1]} in {regional[2]}, and only there it can be made"
    if _TEMPLATES.fullmatch(name):
        return f"CloudFormation makes {name} itself, under a name that is random in every account and region"
    if _OF_A_STACK.fullmatch(name):
        return f"{name} ends as CloudFormation ends names, at random: a stack in {locale.region} makes another one"
    return ""
