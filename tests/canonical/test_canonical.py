"""What belongs to a site becomes a symbol, and comes back."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, strategies as st

from auditor.canonical.wording import canonicalise, localise
from auditor.errors import UnresolvedError
from auditor.model.values import Locale

VIRGINIA = Locale("us-east-1", "use1", "123456789012")
IRELAND = Locale("eu-west-1", "euw1", "123456789012")
BEIJING = Locale("cn-north-1", "cnn1", "999988887777", "aws-cn", "amazonaws.com.cn")
SUBNETS = Locale("us-east-1", "use1", "123456789012", references={"subnet-0abc": "subnet:main/private/1"})

FRAGMENTS = st.sampled_from(
    [
        "us-east-1",
        "use1",
        "123456789012",
        "arn:aws:",
        "${",
        "$",
        "}",
        "{",
        "$${region}",
        "${region}",
        "-",
        ":",
        "0",
        "amazonaws.com",
        "cn-north-1",
        "amazonaws.com.cn",
        "a",
        ".",
        "subnet-0abc",
        "${subnet:main/private/1}",
    ]
)
HOSTILE = st.lists(FRAGMENTS | st.text(max_size=5), max_size=12).map("".join)


@given(HOSTILE, st.sampled_from([VIRGINIA, IRELAND, BEIJING, SUBNETS]), st.booleans())
@example("$us-east-1", VIRGINIA, False)
@example("$${us-east-1}", VIRGINIA, False)
@example("${${us-east-1}}", VIRGINIA, False)
@example("${region}", VIRGINIA, False)
def test_every_text_comes_back_from_its_canonical_form(text, locale, wide):
    assert localise(canonicalise(text, locale, wide), locale) == text


LAYERS = {"layer:lib:3": "layer:lib@x", "layer:lib:10": "layer:lib@x", "layer:lib:9": "layer:lib@x", "b": "layer:b@y"}
PUBLISHED = Locale("us-east-1", "use1", "123456789012", references=LAYERS)


@given(st.lists(FRAGMENTS | st.sampled_from(sorted(LAYERS)) | st.text(max_size=5), max_size=12).map("".join))
def test_of_several_numbers_of_one_content_the_newest_comes_back(text):
    newest = re.sub(r"(?<![A-Za-z0-9$])layer:lib:(3|9)(?![A-Za-z0-9])", "layer:lib:10", text)

    assert localise(canonicalise(text, PUBLISHED), PUBLISHED) in (newest, text)


def test_every_number_of_one_content_is_its_symbol():
    texts = ("layer:lib:3", "layer:lib:9", "layer:lib:10")

    assert {canonicalise(text, PUBLISHED) for text in texts} == {"${layer:lib@x}"}


@given(HOSTILE, HOSTILE)
def test_two_texts_of_one_site_never_share_a_canonical_form(one, other):
    assert (canonicalise(one, VIRGINIA) == canonicalise(other, VIRGINIA)) == (one == other)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("arn:aws:sns:us-east-1:123456789012:alerts", "arn:aws:sns:${region}:${account}:alerts"),
        ("arn:aws:iam::123456789012:role/shop", "arn:aws:iam::${account}:role/shop"),
        ("shop-assets-us-east-1", "shop-assets-${region}"),
        ("api-5xx-use1", "api-5xx-${region_short}"),
        ("https://sqs.us-east-1.amazonaws.com/123456789012/q", "https://sqs.${region}.amazonaws.com/${account}/q"),
        ("arn:aws:s3:::shop/${aws:username}/*", "arn:aws:s3:::shop/$${aws:username}/*"),
        ("us-east-10", "us-east-10"),
        ("bus-east-1", "bus-east-1"),
        ("because1", "because1"),
        ("9123456789012", "9123456789012"),
        ("a123456789012b", "a123456789012b"),
        ("arn:aws:sns:eu-west-1:123456789012:alerts", "arn:aws:sns:eu-west-1:${account}:alerts"),
    ],
)
def test_only_what_belongs_to_the_site_becomes_a_symbol(text, canonical):
    assert canonicalise(text, VIRGINIA) == canonical


def test_partition_and_dns_suffix_become_symbols_where_the_audit_spans_partitions():
    text = "arn:aws-cn:sqs:cn-north-1:999988887777:q at sqs.cn-north-1.amazonaws.com.cn"

    canonical = canonicalise(text, BEIJING, wide=True)

    assert canonical == "arn:${partition}:sqs:${region}:${account}:q at sqs.${region}.${dns_suffix}"


def test_the_dns_suffix_of_one_partition_is_not_found_at_the_head_of_anothers():
    assert canonicalise("sqs.amazonaws.com.cn", VIRGINIA, wide=True) == "sqs.amazonaws.com.cn"


def test_canonical_text_of_one_site_is_worded_for_another():
    canonical = canonicalise("arn:aws:lambda:us-east-1:123456789012:function:api-use1", VIRGINIA)

    assert localise(canonical, IRELAND) == "arn:aws:lambda:eu-west-1:123456789012:function:api-euw1"


def test_a_known_reference_becomes_its_symbol():
    assert canonicalise("id=subnet-0abc", SUBNETS) == "id=${subnet:main/private/1}"


def test_a_symbol_without_a_meaning_in_the_site_is_refused():
    with pytest.raises(UnresolvedError, match="eu-west-1: nothing there is known as 'subnet:main/private/1'"):
        localise("${subnet:main/private/1}", IRELAND)


def test_a_literal_of_which_nobody_knows_what_it_is_comes_back_and_equals_nothing_of_another_region():
    sites = [
        Locale(region, short, "123456789012", unresolved={f"{region}_AbCdEfGhI": "made up"})
        for region, short in (("us-east-1", "use1"), ("eu-west-1", "euw1"))
    ]
    texts = [f"userpool/{site.region}_AbCdEfGhI" for site in sites]
    told = [canonicalise(text, site) for text, site in zip(texts, sites, strict=True)]

    assert (told[0] != told[1], [localise(text, site) for text, site in zip(told, sites, strict=True)]) == (True, texts)
