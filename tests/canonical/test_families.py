"""ARNs, hosts and URLs of AWS in any two sites: what is alike, what comes back, and what AWS made up in one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given, settings, strategies as st

from auditor.canonical.generated import generated
from auditor.canonical.partition_wide import is_same_in
from auditor.canonical.wording import canonicalise, localise
from auditor.errors import UnresolvedError
from auditor.model.values import Locale
from auditor.specs.regions import SHORT_CODES

PARTITIONS = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}
CHOSEN = (
    "arn:{P}:sns:{R}:{A}:{N}",
    "arn:{P}:sqs:{R}:{A}:{N}.fifo",
    "arn:{P}:lambda:{R}:{A}:function:{N}:live",
    "arn:{P}:iam::{A}:role/{N}",
    "arn:{P}:s3:::{N}-{R}/*",
    "arn:{P}:dynamodb:{R}:{A}:table/{N}",
    "arn:{P}:logs:{R}:{A}:log-group:/aws/lambda/{N}:*",
    "https://sqs.{R}.{D}/{A}/{N}",
    "{N}.s3.{R}.{D}",
    "a.{N}.s3-website.{R}.{D}",
    "{A}.dkr.ecr.{R}.{D}/{N}:1",
    "{N}-{A}.d.codeartifact.{R}.{D}",
    "logs.{R}.{D}",
    "{N}-{S}",
)
MADE_UP = (
    "{N}.cluster-{g}.{R}.rds.{D}",
    "{N}.{g}.ng.0001.{S}.cache.{D}",
    "clustercfg.{N}.{g}.memorydb.{R}.{D}",
    "internal-{N}-{d}.{R}.elb.{D}",
    "https://{g}.execute-api.{R}.{D}/prod",
    "https://{g}.appsync-api.{R}.{D}/graphql",
    "search-{N}-{g}.{R}.es.{D}",
    "{g}-ats.iot.{R}.{D}",
    "boot-{g}.c1.kafka-serverless.{R}.{D}:9098",
    "b-{u}-1.mq.{R}.{D}",
    "fs-{h}.efs.{R}.{D}",
    "ec2-10-0-{d}.{R}.compute.{D}",
    "https://{g}.lambda-url.{R}.on.aws/",
    "{R}_{c}",
    "{R}:{u}",
    "arn:{P}:cognito-idp:{R}:{A}:userpool/{R}_{c}",
    "arn:{P}:execute-api:{R}:{A}:{g}/*/GET/{N}",
    "arn:{P}:acm:{R}:{A}:certificate/{u}",
    "arn:{P}:states:{R}:{A}:stateMachine:{N}-{C}",
    "arn:{P}:elasticfilesystem:{R}:{A}:file-system/fs-{h}",
    "arn:{P}:ec2:{R}:{A}:instance/i-{h}",
    "arn:{P}:wafv2:{R}:{A}:regional/webacl/{N}/{u}",
)
WIDE = (
    "arn:{P}:iam::{A}:role/{N}-Role-{C}",
    "arn:{P}:iam::{A}:policy/{N}-Policy-{C}",
    "arn:{P}:iam::{A}:oidc-provider/oidc.eks.us-west-2.{D}/id/0123456789ABCDEF0123456789ABCDEF",
    "arn:{P}:cloudfront::{A}:distribution/E{C}",
    "arn:{P}:globalaccelerator::{A}:accelerator/{u}",
    "arn:{P}:wafv2:us-east-1:{A}:global/webacl/{N}/{u}",
    "d{g}.cloudfront.net",
)
MARKS = {
    "g": "abc1de{n}fgh",
    "d": "12345{n}789",
    "h": "0123456789abcde{n}0",
    "u": "0000111{n}-2222-3333-4444-555566667777",
    "c": "AbCdEf{n}hI",
    "C": "1A2B3C4D5E6{n}",
}
NAMES = st.sampled_from(["orders", "app-logs", "a1b2", "Shop"])


@dataclass(frozen=True)
class Place:
    """A site, and the mark that all it makes up has."""

    locale: Locale
    mark: int

    def fill(self, template: str, name: str) -> str:
        at = self.locale
        made = {key: form.format(n=self.mark) for key, form in MARKS.items()}
        own = {"P": at.partition, "R": at.region, "S": at.region_short, "A": at.account, "D": at.dns_suffix}
        return template.format(**own, **made, N=name)

    def knowing(self, *texts: str) -> Locale:
        return replace(self.locale, unresolved=generated(texts, self.locale))


def place(region, account, mark):
    partition, suffix = next(
        (own for start, own in PARTITIONS.items() if region.startswith(start)), ("aws", "amazonaws.com")
    )
    return Place(Locale(region, SHORT_CODES[region], account, partition, suffix), mark)


REGIONS = st.sampled_from(
    ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2", "cn-north-1", "cn-northwest-1", "us-gov-west-1"]
)
PLACES = st.builds(place, REGIONS, st.sampled_from(["123456789012", "210987654321"]), st.integers(1, 9))
WORDED = st.tuples(st.sampled_from([*CHOSEN, *MADE_UP, *WIDE]), NAMES)


@settings(deadline=None)
@given(PLACES, st.lists(WORDED, min_size=1, max_size=4), st.booleans())
def test_whatever_a_site_names_comes_back_in_its_own_words(at, worded, wide):
    texts = [at.fill(*one) for one in worded]
    locale = at.knowing(*texts)

    assert [localise(canonicalise(one, locale, wide), locale) for one in texts] == texts


@settings(deadline=None)
@given(PLACES, PLACES, st.sampled_from(CHOSEN), st.sampled_from(CHOSEN), NAMES, NAMES)
def test_names_that_people_chose_are_alike_where_nothing_but_the_place_differs(one, other, form, form2, name, name2):
    texts = one.fill(form, name), other.fill(form2, name2)
    wide = one.locale.partition != other.locale.partition
    told = [canonicalise(text, at.knowing(text), wide) for text, at in zip(texts, (one, other), strict=True)]

    assert (told[0] == told[1]) == (other.fill(form, name) == texts[1])


@settings(deadline=None)
@given(PLACES, PLACES, st.sampled_from(MADE_UP), NAMES, st.booleans())
def test_what_is_made_up_in_a_region_equals_nothing_of_another_and_cannot_be_worded_there(one, other, form, name, same):
    assume(one.locale.region != other.locale.region)
    other = replace(other, mark=one.mark if same else other.mark)
    texts = one.fill(form, name), other.fill(form, name)
    here, there = one.knowing(texts[0]), other.knowing(texts[1])
    wide = one.locale.partition != other.locale.partition

    assert canonicalise(texts[0], here, wide) != canonicalise(texts[1], there, wide)
    with pytest.raises(UnresolvedError):
        localise(canonicalise(texts[0], here, wide), there)


@settings(deadline=None)
@given(PLACES, PLACES, st.sampled_from(WIDE), NAMES)
def test_what_is_of_no_region_is_one_thing_in_its_account_and_another_one_elsewhere(one, other, form, name):
    text = one.fill(form, name)
    literals = generated([text], one.locale)
    whole = max(literals, key=len)
    assume((one.locale.partition == "aws") or "wafv2" not in form)
    alike = (one.locale.account, one.locale.partition) == (other.locale.account, other.locale.partition)

    assert is_same_in(whole, one.locale, other.locale) == alike
    if alike:
        assert canonicalise(text, one.knowing(text)) == canonicalise(text, other.knowing(text))
