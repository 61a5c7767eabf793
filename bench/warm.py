"""botocore's models, read once for all the processes that are forked: reading them takes longer than a run's calls.

To import it is enough. What it changes is that sessions share what they read of botocore's own files.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import boto3
import botocore.loaders

SERVICES: Final = ("s3", "s3control", "lambda", "codedeploy", "sts", "iam", "sns", "sqs", "signer")

botocore.loaders.create_loader = cache(botocore.loaders.create_loader)
_session: Final = boto3.Session("none", "none", region_name="us-east-1")
for _service in SERVICES:
    _client = _session.client(_service)
    _client.meta.service_model.operation_names  # noqa: B018 read here rather than in each process
