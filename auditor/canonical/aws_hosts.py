"""Which hosts of AWS hold only names that people choose; any other of a site's own region is made up there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from auditor.model.values import Locale

_DOMAINS: Final = (
    "amazonaws.com.cn", "amazonaws.com", "amazonaws.eu", "api.amazonwebservices.com.cn", "api.aws", "on.aws",
    "awsapprunner.com", "cloudfront.net", "awsglobalaccelerator.com", "elasticbeanstalk.com", "amplifyapp.com",
    "amazoncognito.com", "amazonlightsail.com", "compute.internal", "ec2.internal",
)  # fmt: skip
_NOWHERE: Final = ("cloudfront.net", "awsglobalaccelerator.com", "amplifyapp.com")
"""Domains whose hosts are made up, and of no region."""
_HOST: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)+"
    rf"(?:{'|'.join(map(re.escape, _DOMAINS))})(?![A-Za-z0-9-]|\.[A-Za-z0-9])",
    re.IGNORECASE,
)
# Endpoints of two labels, as botocore has them; https://docs.aws.amazon.com/general/latest/gr/rande.html
_ENDPOINTS: Final = (
    r"(?:api|edge|metrics|runtime|[a-z0-9-]+-runtime)\.sagemaker",
    r"(?:models|runtime)\.lex",
    r"api\.(?:detective|ecr|ecr-public|iotdeviceadvisor|iotmanagedintegrations|iotwireless|mediatailor|pricing)",
    r"api\.tunneling\.iot", r"data(?:-ats)?\.iot", r"data\.jobs\.iot", r"data\.(?:mediastore|qapps)",
    r"(?:catalog|entitlement|metering)\.marketplace", r"(?:controlplane|dataplane)\.payment-cryptography",
    r"(?:ingest|query)\.timestream", r"participant\.connect", r"portal\.sso", r"sms-voice\.pinpoint",
    r"streams\.dynamodb",
    r"oidc\.eks", r"admin\.wickr",
)  # fmt: skip
_CHOSEN: Final = (
    # The endpoint of a service in a region: https://docs.aws.amazon.com/general/latest/gr/rande.html
    r"[a-z0-9-]+\.R", r"[a-z0-9]+-R", r"R", r"R\.[a-z0-9-]+", *(rf"{one}\.R" for one in _ENDPOINTS),
    # https://docs.aws.amazon.com/general/latest/gr/s3.html
    r"(?:.+\.)?s3(?:-fips|-accelerate)?(?:\.dualstack)?[.-]R", r"(?:.+\.)?s3-website[.-]R",
    r"(?:.+\.)?s3(?:-accelerate)?(?:\.dualstack)?",
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
    r"[a-z0-9-]+-\d{12}\.s3-(?:accesspoint|object-lambda)(?:-fips)?(?:\.dualstack)?\.R",
    r"\d{12}\.s3-control(?:-fips)?(?:\.dualstack)?\.R",
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
    r"\d{12}\.dkr[.-]ecr(?:-fips)?\.R",
    # https://docs.aws.amazon.com/codeartifact/latest/ug/domain-overview.html
    r"[a-z0-9-]+-\d{12}\.d\.codeartifact\.R",
    # https://docs.aws.amazon.com/general/latest/gr/ddb.html
    r"\d{12}\.ddb\.R",
    # https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-connecting.html
    r"[a-z0-9-]+\.\d{12}\.R\.redshift-serverless",
)  # fmt: skip
_CHOSEN_IN: Final = {
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
    "amazoncognito.com": re.compile(r"(?!R)[a-z0-9-]+\.auth(?:-fips)?\.R"),
    # https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CreateEnvironment.html (CNAMEPrefix)
    "elasticbeanstalk.com": re.compile(r"[a-z0-9-]+\.R"),
    "awsapprunner.com": re.compile(r"(?!)"),
    "compute.internal": re.compile(r"(?!)"),
}
_ANY: Final = re.compile("|".join(_CHOSEN))


def generated_hosts(text: str, locale: Locale) -> Iterator[str]:
    """The hosts in a text that AWS made up for a thing of the site's own region, or for one of no region."""
    if "aws" not in text.lower() and "cloudfront" not in text.lower() and not _OTHERS.search(text):
        return
    for match in _HOST.finditer(text):
        if _is_generated(match[0], locale):
            yield match[0]


_OTHERS: Final = re.compile(r"elasticbeanstalk|amazoncognito|amazonlightsail|amplifyapp|\.internal", re.IGNORECASE)


def _is_generated(host: str, locale: Locale) -> bool:
    low = host.lower()
    domain = next(one for one in _DOMAINS if low.endswith(f".{one}"))
    if domain in _NOWHERE:
        return True
    if locale.region == "us-east-1" and low.endswith((".compute-1.amazonaws.com", ".ec2.internal")):
        return True
    labels, count = _own(locale.region, locale.region_short).subn("R", low.removesuffix(f".{domain}"))
    if not count or not locale.region:
        return False
    return not _CHOSEN_IN.get(domain, _ANY).fullmatch(labels) or "-s3alias." in labels


@lru_cache(maxsize=64)
def _own(region: str, short: str) -> re.Pattern[str]:
    # ElastiCache writes a region in its short form.
    return re.compile(rf"(?<![a-z0-9]){re.escape(region)}(?![0-9])|(?<=\.){re.escape(short or region)}(?=\.cache$)")
