"""Service Quotas: what the account may have in a region, before an outage shows that it is less than elsewhere."""

from __future__ import annotations

from typing import Final

from auditor.specs.spec import Call, Facet, Listed, Listing, ResourceSpec, compared, identity, ignored

SPEC: Final = ResourceSpec(
    type="AWS::ServiceQuotas::Quota",
    console="servicequotas/home/services/{parent}/quotas/{name}?region={region}",
    service="service-quotas",
    parent="AWS::ServiceQuotas::Service",
    listing=Listing(
        Call(
            "ListServiceQuotas",
            {"ServiceCode": "${parent}", "MaxResults": 100},
            pick="Quotas",
            actions=("servicequotas:ListServiceQuotas",),
        ),
        name="QuotaCode",
        # One that holds for all regions together is told only where it is managed (us-east-1 for S3's buckets).
        keep="GlobalQuota != `true`",
    ),
    facets=(
        Facet(
            "quota",
            Listed(),
            # The value is then not the one that applies:
            # https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ErrorReason.html
            unknown="ErrorReason",
            fields=(
                identity("ServiceCode"),
                identity("QuotaCode"),
                ignored("QuotaArn", "its name again"),
                ignored("ServiceName", "the service's name for people"),
                ignored("Description", "AWS's words about it"),
                ignored("GlobalQuota", "those that are global are not listed"),
                ignored("UsageMetric", "where AWS measures how much of it is used"),
                # A region that may have more than golden is fit for golden's load.
                compared("Value", "at-least"),
                # AWS's facts, for who reads the report: nobody can set them.
                compared("QuotaName", "informational"),
                compared("Adjustable", "informational"),
                compared("QuotaContext", "informational"),
            ),
            unwritten="AWS decides on a quota, on request (RequestServiceQuotaIncrease)",
        ),
    ),
    uncreated="AWS provides it",
    undeleted="AWS provides it",
    provided=True,
)
