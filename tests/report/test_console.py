"""The addresses of the AWS console."""

from __future__ import annotations

import pytest

from auditor.report.console import console_url
from auditor.resources import load_specs

FUNCTION = "lambda/home?region={region}#/functions/{name}"
GROUP = "codesuite/codedeploy/applications/{parent}/deployment-groups/{name}?region={region}"


GOVERNMENT = (
    "https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codedeploy/applications/shop/deployment-groups/web"
    "?region=us-gov-west-1"
)


@pytest.mark.parametrize(
    ("site", "native", "template", "address"),
    [
        ("eu-west-1", "api", FUNCTION,
         "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/api"),
        ("prod/cn-north-1", "api", FUNCTION,
         "https://cn-north-1.console.amazonaws.cn/lambda/home?region=cn-north-1#/functions/api"),
        ("us-gov-west-1", "shop/web", GROUP,
         GOVERNMENT),
        ("eu-west-1", "a b&c/\"><x", FUNCTION,
         "https://eu-west-1.console.aws.amazon.com/lambda/home?region=eu-west-1#/functions/a%20b%26c%2F%22%3E%3Cx"),
        ("eu-west-1", "", FUNCTION, ""),
        ("eu-west-1", "api", "", ""),
        ("snapshot:20261124T010203Z", "api", FUNCTION, ""),
    ],
)  # fmt: skip
def test_a_resource_has_an_address_in_its_own_region_and_partition(site, native, template, address):
    assert console_url(site, native, template) == address


@pytest.mark.parametrize("name", sorted(load_specs()))
def test_what_the_specs_say_of_the_console_can_be_filled_in(name):
    assert "{" not in console_url("eu-west-1", "parent/child", load_specs()[name].console)
