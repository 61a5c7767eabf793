"""What exists once in a partition, and belongs to no region: the same thing wherever the account names it. Pure.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
"""

from __future__ import annotations

import re
from typing import Final

from auditor.model.values import Locale

# IAM, CloudFront, Route 53, Organizations, Global Accelerator and others have no region in their ARNs; those of WAF's
# global scope have that of its endpoint: https://docs.aws.amazon.com/waf/latest/developerguide/how-aws-waf-works.html
_ARN: Final = re.compile(r"arn:[\w-]+:[\w-]+:(?:|[a-z0-9-]+(?=:\d*:global/)):(?P<account>[\w-]*):")
_HOST: Final = re.compile(r"[\w.-]+\.(?:cloudfront\.net|awsglobalaccelerator\.com|amplifyapp\.com)$", re.I)


def is_partition_wide(literal: str) -> bool:
    """Whether a literal that AWS made up names a thing of no region."""
    return bool(_ARN.match(literal) or _HOST.match(literal))


def is_same_in(literal: str, here: Locale, there: Locale) -> bool:
    """Whether a literal of one site names the same thing in another: one of its own account, or of a third one."""
    if here.partition != there.partition or not is_partition_wide(literal):
        return False
    match = _ARN.match(literal)
    account = match["account"] if match else ""
    third = account.isdecimal() and account != here.account
    return third or here.account == there.account
