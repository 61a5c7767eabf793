"""AWS's own accounts and layers, which differ from region to region for one and the same thing. Data only.

No table here is complete: what it does not hold is said to be unresolved.
"""

from __future__ import annotations

from typing import Final

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
# Regions opened since August 2022 have a service principal instead.
ELB_LOG_ACCOUNTS: Final = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html
INSIGHTS: Final = "LambdaInsightsExtension"
INSIGHTS_ACCOUNT: Final = "580247275435"
INSIGHTS_ACCOUNTS: Final = {
    "af-south-1": "012438385374",
    "ap-east-1": "519774774795",
    "ap-northeast-3": "194566237122",
    "ap-south-2": "891564319516",
    "ap-southeast-3": "439286490199",
    "ap-southeast-4": "158895979263",
    "ca-west-1": "946466191631",
    "eu-central-2": "033019950311",
    "eu-south-1": "339249233099",
    "eu-south-2": "352183217350",
    "il-central-1": "459530977127",
    "me-central-1": "732604637566",
    "me-south-1": "285320876703",
    "us-gov-east-1": "122132214140",
    "us-gov-west-1": "751350123760",
}
# One release has another version number in each region.
INSIGHTS_RELEASES: Final = {
    "1.0.295.0": {
        "ap-northeast-1": 78,
        "ap-south-1": 49,
        "ca-west-1": 11,
        "eu-central-1": 51,
        "eu-north-1": 48,
        "us-east-1": 51,
        "us-east-2": 51,
    },
}


def layer_release(region: str, account: str, name: str, version: int) -> str:
    """The release that a version of an AWS-managed layer is, `LambdaInsightsExtension@1.0.295.0`; "" if unknown."""
    if name != INSIGHTS or account != INSIGHTS_ACCOUNTS.get(region, INSIGHTS_ACCOUNT):
        return ""
    releases = (release for release, versions in INSIGHTS_RELEASES.items() if versions.get(region) == version)
    return next((f"{name}@{release}" for release in releases), "")
