"""The sub-configurations of a bucket that measure, list or archive its objects: several of each, under an Id."""

from __future__ import annotations

from typing import Any, Final

from auditor.model.values import ABSENT, Value
from auditor.resources._s3_calls import BUCKET, delete, put_each, read
from auditor.resources._s3_forms import with_plain_filters
from auditor.resources._s3_order import none_is_new
from auditor.specs.spec import Call, Facet, Field, default, identity, ignored, unordered


def _listed(kind: str, name: str, *fields: Field) -> Facet:
    # botocore has no paginator for these four listings.
    source = Call(
        f"ListBucket{kind}Configurations",
        BUCKET,
        pick=f"{kind}ConfigurationList",
        tokens=("NextContinuationToken", "ContinuationToken"),
        actions=(f"s3:Get{kind}Configuration",),
    )
    return Facet(
        name,
        source,
        at=f"{kind}ConfigurationList",
        default=[],
        fields=(unordered("", "Id"), identity("[].Id"), *fields),
        shape=with_plain_filters,
        write=put_each(kind, f"s3:Put{kind}Configuration"),
        # Where an inventory goes must be there, and let it in.
        turn=50 if kind == "Inventory" else 40,
        falls=none_is_new,
    )


INTELLIGENT_TIERING: Final = _listed(
    "IntelligentTiering",
    "intelligent tiering",
    unordered("[].Filter.And.Tags", "Key"),
    unordered("[].Tierings", "AccessTier"),
)

INVENTORY: Final = _listed(
    "Inventory",
    "inventory",
    unordered("[].OptionalFields"),
    Field("[].Destination.S3BucketDestination.Bucket", reference="s3-bucket"),
    Field("[].Destination.S3BucketDestination.Encryption.SSEKMS.KeyId", reference="kms"),
)

ANALYTICS: Final = _listed(
    "Analytics",
    "analytics",
    unordered("[].Filter.And.Tags", "Key"),
    Field("[].StorageClassAnalysis.DataExport.Destination.S3BucketDestination.Bucket", reference="s3-bucket"),
)

METRICS: Final = _listed("Metrics", "metrics", unordered("[].Filter.And.Tags", "Key"))


_TABLES: Final = {
    # How a table's result is named, and the members of it that can be set.
    "Journal": ("RecordExpiration",),
    "Inventory": ("ConfigurationState",),
    "Annotation": ("ConfigurationState", "Role"),
}


def write_metadata(found: Value, wanted: Value) -> tuple[Call, ...]:
    """Made as a whole, changed table by table; how the tables are encrypted is never answered, so never copied."""
    after = _tables(wanted)
    if found is ABSENT:
        whole = {f"{table}TableConfiguration": own for table, own in after.items()}
        action = "s3:CreateBucketMetadataTableConfiguration"
        return (
            Call("CreateBucketMetadataConfiguration", {**BUCKET, "MetadataConfiguration": whole}, actions=(action,)),
        )
    before = _tables(found)
    # A table that golden never had is turned off; the journal is always there.
    after |= {table: {"ConfigurationState": "DISABLED"} for table in before if table not in (*after, "Journal")}
    return tuple(
        Call(f"UpdateBucketMetadata{table}TableConfiguration", {**BUCKET, f"{table}TableConfiguration": own})
        for table, own in after.items()
        if before.get(table) != own
    )


def _tables(result: Value) -> dict[str, Any]:
    told = {table: result.get(f"{table}TableConfigurationResult") for table in _TABLES}
    return {
        table: {name: own[name] for name in _TABLES[table] if own.get(name) is not None}
        for table, own in told.items()
        if own is not None
    }


def write_metadata_table(found: Value, wanted: Value) -> tuple[Call, ...]:
    """The old form cannot be changed: it is taken away and made anew."""
    target = {name: wanted["S3TablesDestinationResult"][name] for name in ("TableBucketArn", "TableName")}
    params = {**BUCKET, "MetadataTableConfiguration": {"S3TablesDestination": target}}
    made = Call("CreateBucketMetadataTableConfiguration", params)
    return (made,) if found is ABSENT else (delete("DeleteBucketMetadataTableConfiguration"), made)


def _table(table: str) -> tuple[Field, ...]:
    place = f"{table}TableConfigurationResult"
    return (
        ignored(f"{place}.TableStatus", "momentary"),
        ignored(f"{place}.Error", "momentary"),
        ignored(f"{place}.TableName", "AWS's own"),
        ignored(f"{place}.TableArn", "made of site and table"),
    )


METADATA: Final = Facet(
    "metadata",
    read(
        "GetBucketMetadataConfiguration",
        "GetBucketMetadataConfigurationResult.MetadataConfigurationResult",
        "s3:GetBucketMetadataTableConfiguration",
        ("GetBucketMetadataConfigurationResult.MetadataConfigurationResult",),
    ),
    at="MetadataConfiguration",
    absent=frozenset({"MetadataConfigurationNotFound"}),
    fields=(
        ignored("DestinationResult", "the table bucket that AWS keeps"),
        *_table("Journal"),
        *_table("Inventory"),
        *_table("Annotation"),
        default("InventoryTableConfigurationResult", {"ConfigurationState": "DISABLED"}),
        default("AnnotationTableConfigurationResult", {"ConfigurationState": "DISABLED"}),
        Field("AnnotationTableConfigurationResult.Role", reference="iam-role"),
    ),
    turn=40,
    unwritten="S3 takes when the journal expires, whether the tables are on and their role, and tells the rest",
    write=write_metadata,
    remove=delete("DeleteBucketMetadataConfiguration", "s3:DeleteBucketMetadataTableConfiguration"),
)

METADATA_TABLE: Final = Facet(
    "metadata table",
    read(
        "GetBucketMetadataTableConfiguration",
        "GetBucketMetadataTableConfigurationResult.MetadataTableConfigurationResult",
        always=("GetBucketMetadataTableConfigurationResult.MetadataTableConfigurationResult",),
    ),
    at="MetadataTableConfiguration",
    # A bucket that has metadata of the new form answers that this method is not allowed:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetadataTableConfiguration.html
    # One of an account that came after this form answers that it is not available there.
    absent=frozenset({"MetadataConfigurationNotFound", "MethodNotAllowed", "V1APIsNotAllowed"}),
    fields=(
        ignored("S3TablesDestinationResult.TableArn", "made of site and table"),
        ignored("S3TablesDestinationResult.TableNamespace", "AWS's own"),
    ),
    turn=40,
    write=write_metadata_table,
    remove=delete("DeleteBucketMetadataTableConfiguration"),
)
