"""What AWS makes up in a region, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st
from plan.grounds import GOLDEN, LOCALES, TARGET, calls, function, planned, site

from auditor.canonical.generated import generated
from auditor.canonical.wording import canonicalise
from auditor.model.values import Locale

IRELAND = Locale("eu-west-1", "euw1", "123456789012")
UUID = "11111111-2222-3333-4444-555555555555"
HOSTS = (
    "shop.cluster-cabc7de9f2gh.{R}.rds.amazonaws.com",
    "shop.cluster-ro-cabc7de9f2gh.{R}.rds.amazonaws.com",
    "shop.proxy-cabc7de9f2gh.{R}.rds.amazonaws.com",
    "docs.cluster-cabc7de9f2gh.{R}.docdb.amazonaws.com",
    "shop.abc7de.ng.0001.{S}.cache.amazonaws.com",
    "master.shop.abc7de.{S}.cache.amazonaws.com",
    "clustercfg.shop.abc7de.memorydb.{R}.amazonaws.com",
    "internal-Shop-1234567890.{R}.elb.amazonaws.com",
    "abcdefghijklmnopqrstuvwxyz.appsync-api.{R}.amazonaws.com",
    "abc.lambda-url.{R}.on.aws",
    "abc123defg.execute-api.{R}.amazonaws.com",
    "fs-0123456789abcdef0.efs.{R}.amazonaws.com",
    "a1b2c3d4e5f6-ats.iot.{R}.amazonaws.com",
    "search-shop-abcdefghij.{R}.es.amazonaws.com",
    "abcdefghij0123456789.{R}.aoss.amazonaws.com",
    "b-1.shop.abc123.c2.kafka.{R}.amazonaws.com",
    "x1y2z3.{R}.awsapprunner.com",
    "shop.eba-abcd1234.{R}.elasticbeanstalk.com",
    "vpce-0abc-def.s3.{R}.vpce.amazonaws.com",
)
CHOSEN = (
    "sqs.{R}.amazonaws.com",
    "lambda.{R}.api.aws",
    "api.ecr.{R}.amazonaws.com",
    "streams.dynamodb.{R}.amazonaws.com",
    "s3-{R}.amazonaws.com",
    "shop.logs.s3.{R}.amazonaws.com",
    "shop.s3-website-{R}.amazonaws.com",
    "123456789012.dkr.ecr.{R}.amazonaws.com",
    "{R}.queue.amazonaws.com",
    "shop.123456789012.{R}.redshift-serverless.amazonaws.com",
    "shop.auth.{R}.amazoncognito.com",
    "shop.{R}.elasticbeanstalk.com",
    "example.{R}.example.com",
)


def at(text, locale):
    return text.replace("{R}", locale.region).replace("{S}", locale.region_short)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("around", ["{}", "https://{}/path", "postgres://u:p@{}:5432/x", '{{"host": "{}"}}'])
def test_a_host_with_labels_that_aws_makes_up_is_told_as_a_whole(host, around):
    text = at(host, IRELAND)

    assert list(generated([around.format(text)], IRELAND)) == [text]


@pytest.mark.parametrize("host", CHOSEN)
def test_a_host_of_chosen_names_is_compared(host):
    assert generated([at(host, IRELAND)], IRELAND) == {}


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_of_another_region_is_the_same_wherever_it_is_named(host):
    other = Locale("us-west-2", "usw2", "123456789012")

    assert generated([at(host, other)], IRELAND) == {}


@pytest.mark.parametrize(
    ("arn", "literal"),
    [
        (f"arn:aws:acm:eu-west-1:123456789012:certificate/{UUID}", UUID),
        ("arn:aws:states:eu-west-1:123456789012:stateMachine:Flow-1A2B3C4D5E6F", "Flow-1A2B3C4D5E6F"),
        ("arn:aws:sns:eu-west-1:123456789012:app-Topic-AbCdEfGh1JkL", "app-Topic-AbCdEfGh1JkL"),
        ("arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_AbCdEfGhI", "eu-west-1_AbCdEfGhI"),
        (f"eu-west-1:{UUID}", f"eu-west-1:{UUID}"),
        ("arn:aws:appsync:eu-west-1:1:apis/abcd1efgh2ijkl3mnop4qrstuv", "abcd1efgh2ijkl3mnop4qrstuv"),
        ("arn:aws:cloudfront::1:distribution/E2ABCDEFGHIJK", "arn:aws:cloudfront::1:distribution/E2ABCDEFGHIJK"),
        (f"arn:aws:globalaccelerator::1:accelerator/{UUID}", f"arn:aws:globalaccelerator::1:accelerator/{UUID}"),
        ("arn:aws:iam::1:role/app-Role-1A2B3C4D5E6F", "arn:aws:iam::1:role/app-Role-1A2B3C4D5E6F"),
        ("arn:aws:ec2:eu-west-1:1:instance/i-0123456789abcdef0", "i-0123456789abcdef0"),
    ],
)
def test_what_aws_makes_up_in_an_arn_is_told(arn, literal):
    assert list(generated([arn], IRELAND)) == [literal]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-west-1:123456789012:alerts",
        "arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
        "arn:aws:iam::123456789012:role/OrderNotifications",
        "arn:aws:sqs:eu-west-1:123456789012:app-Notifications",
        "arn:aws:s3:::bucket/1234567890abcdef1234",
    ],
)
def test_a_name_that_people_chose_is_not(arn):
    assert generated([arn], IRELAND) == {}


def test_what_the_settings_tell_of_a_part_is_told_of_the_whole():
    host = at(HOSTS[0], IRELAND)

    assert generated([host], IRELAND, ["shop.cluster-cabc7de9f2gh"]) == {}


def test_a_distribution_is_the_same_in_every_region_and_another_one_is_not():
    arns = [f"arn:aws:cloudfront::1:distribution/{one}" for one in ("E2ABCDEFGHIJK", "E9ZYXWVUTSRQP")]
    told = [
        canonicalise(arn, Locale(*where, unresolved=generated([arn], Locale(*where))))
        for arn in arns
        for where in (("us-east-1", "use1", "1"), ("eu-west-1", "euw1", "1"))
    ]

    assert (told[0] == told[1], told[0] == told[3]) == (True, False)


@settings(deadline=None)
@given(st.sampled_from(HOSTS), st.sampled_from(["{}", "https://{}/x", "a={};b"]), st.booleans())
def test_what_a_region_makes_up_is_in_no_planned_call(host, around, has_own):
    texts = {name: around.format(at(host, LOCALES[name])) for name in (GOLDEN, TARGET)}
    made_up = {name: generated([text], LOCALES[name]) for name, text in texts.items()}
    tags = {name: {"about": text} for name, text in texts.items()}
    golden = site(GOLDEN, function("f", GOLDEN, tags=tags[GOLDEN]), unresolved=made_up[GOLDEN])
    own = {"tags": tags[TARGET]} if has_own else {}
    made = planned(golden, site(TARGET, function("f", **own), unresolved=made_up[TARGET]))

    assert (calls(made), {one.why.partition(":")[0] for one in made.left_out}) == ([], {"unresolved reference"})
