"""What golden's references are called in another site: asked of AWS, told as reading tells it, and never guessed."""

from __future__ import annotations

import io
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from auditor.aws.calls import Caller
from auditor.aws.meanings import Meanings, meaning_calls, meanings
from auditor.aws.pacing import Pacer
from auditor.aws.resolve import resolve
from auditor.aws.sessions import Sessions
from auditor.canonical.references import DASHED_WEBSITES
from auditor.canonical.wording import canonicalise, localise
from auditor.model.values import Locale, Reading, Resource, Site, State
from faults import Faults
from scripted import scripted_aws

SHORT = {"us-east-1": "use1", "eu-west-1": "euw1", "ap-south-1": "aps1", "me-central-1": "mec1"}


def caller_in(account, region):
    return Caller(Sessions(), Site(region), Locale(region, SHORT[region], account), Pacer({}))


@pytest.fixture
def ask(aws):
    """What symbols mean in Ireland, and the calls that this took."""

    def asking(*symbols, region="eu-west-1"):
        caller = caller_in(aws.account, region)
        with ThreadPoolExecutor(4) as pool:
            return meanings(symbols, caller, pool), caller.counts()

    return asking


@pytest.fixture
def scripted(monkeypatch, ask):
    """What symbols mean where AWS answers so, by operation or by what the path holds."""

    def asking(answer, *symbols):
        with scripted_aws(answer) as script:
            monkeypatch.setenv("AWS_ENDPOINT_URL", script.url)
            return ask(*symbols)[0]

    return asking


def named(value, **more):
    return [{"Key": "Name", "Value": value, **more}]


def make_vpc(aws, region):
    ec2 = aws.client("ec2", region)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=named(f"main-{region}"))
    return vpc


def make_subnet(aws, region):
    ec2, vpc = aws.client("ec2", region), make_vpc(aws, region)
    for number, zone in enumerate("ab"):
        block = f"10.0.{number}.0/24"
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"]
        ec2.create_tags(Resources=[made], Tags=named(f"private-{region}{zone}"))
    return made


def make_security_group(aws, region):
    vpc = make_vpc(aws, region)
    return aws.client("ec2", region).create_security_group(GroupName="web", Description="x", VpcId=vpc)["GroupId"]


def make_endpoint(aws, region):
    made = aws.client("ec2", region).create_vpc_endpoint(
        VpcId=make_vpc(aws, region), ServiceName=f"com.amazonaws.{region}.s3"
    )
    return made["VpcEndpoint"]["VpcEndpointId"]


def make_key(aws, region):
    kms = aws.client("kms", region)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/shop-{region}", TargetKeyId=key["KeyId"])
    return key["Arn"]


def make_access_point(aws, region):
    efs = aws.client("efs", region)
    system = efs.create_file_system(CreationToken="x")["FileSystemId"]
    made = efs.create_access_point(ClientToken="x", FileSystemId=system, Tags=named("assets"))
    return made["AccessPointArn"]


def make_scaling_group(aws, region):
    name = "shop-Web-" + {"us-east-1": "1ABCDEFGHIJK", "eu-west-1": "2LMNOPQRSTUV"}[region]
    tags = {"aws:cloudformation:stack-name": f"shop-{region}", "aws:cloudformation:logical-id": "Web"}
    aws.client("autoscaling", region).create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[f"{region}a"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return name


def make_balancer(aws, region):
    made = aws.client("elbv2", region).create_load_balancer(Name=f"shop-{region}", Subnets=["subnet-1"])
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def make_target_group(aws, region):
    made = aws.client("elbv2", region).create_target_group(Name=f"web-{region}", Protocol="HTTP", Port=80, VpcId="v")
    return made["TargetGroups"][0]["TargetGroupArn"]


def make_listener(aws, region):
    made = aws.client("elbv2", region).create_listener(
        LoadBalancerArn=make_balancer(aws, region),
        Port=443,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": make_target_group(aws, region)}],
    )
    return made["Listeners"][0]["ListenerArn"]


def make_secret(aws, region):
    client = aws.client("secretsmanager", region)
    arn = client.create_secret(Name=f"shop-{region}/db", SecretString="x")["ARN"]
    while not re.search(r"\d", arn[-6:]):
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
        arn = client.create_secret(Name=f"shop-{region}/db", SecretString="x")["ARN"]
    return arn


def make_table(aws, region, name="orders", stream=True):
    made = aws.client("dynamodb", region).create_table(
        TableName=f"{name}-{region}",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        if stream
        else {"StreamEnabled": False},
    )
    return made["TableDescription"].get("LatestStreamArn", "")


def make_consumer(aws, region):
    kinesis = aws.client("kinesis", region)
    kinesis.create_stream(StreamName="events", ShardCount=1)
    arn = kinesis.describe_stream(StreamName="events")["StreamDescription"]["StreamARN"]
    return kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="reader")["Consumer"]["ConsumerARN"]


def archive(text):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(zipfile.ZipInfo("a.py"), text)
    return made.getvalue()


def publish(aws, region, *texts):
    made = aws.client("lambda", region)
    return [made.publish_layer_version(LayerName="deps", Content={"ZipFile": archive(text)}) for text in texts]


def make_layer(aws, region):
    texts = {"us-east-1": "a", "eu-west-1": "xyaz"}[region]
    return publish(aws, region, *texts)[texts.index("a")]["LayerVersionArn"]


MAKERS = {
    "vpc": make_vpc,
    "subnet": make_subnet,
    "security-group": make_security_group,
    "vpc-endpoint": make_endpoint,
    "kms": make_key,
    "efs": make_access_point,
    "az": lambda _, region: f"{region}b",
    "asg": make_scaling_group,
    "load-balancer": make_balancer,
    "target-group": make_target_group,
    "listener": make_listener,
    "secret": make_secret,
    "stream": make_table,
    "consumer": make_consumer,
    "layer": make_layer,
    "s3-website": lambda _, region: f"shop.s3-website{'-' if region in DASHED_WEBSITES else '.'}{region}.amazonaws.com",
}


def read_in(aws, region, text):
    """The site as it is when this text was read there."""
    caller = caller_in(aws.account, region)
    with ThreadPoolExecutor(4) as pool:
        found = resolve([Resource("T", "n", {"f": Reading(State.READ, text)})], {}, {}, caller, pool).references
    return replace(caller.locale, references=found.symbols)


@pytest.mark.parametrize("kind", MAKERS)
def test_what_golden_names_is_written_in_the_site_as_it_is_read_there_as_the_same(aws, ask, kind):
    golden = MAKERS[kind](aws, "us-east-1")
    site = MAKERS[kind](aws, "eu-west-1")
    canonical = canonicalise(golden, read_in(aws, "us-east-1", golden))
    (symbol,) = re.findall(rf"\$\{{({kind}[^}}]*)\}}", canonical)
    found = ask(symbol)[0]
    locale = caller_in(aws.account, "eu-west-1").locale

    written = localise(canonical, replace(locale, references={found.literals.get(symbol, "?"): symbol}))

    assert (written, canonicalise(written, read_in(aws, "eu-west-1", written))) == (site, canonical)


def test_nothing_is_asked_of_what_no_symbol_names(ask):
    assert ask("s3-website", "elb-log-account", "api")[1] == {}


def test_each_listing_is_asked_for_once_however_many_symbols_need_it(aws, ask):
    listener = make_listener(aws, "eu-west-1")

    found, counts = ask(
        "listener:app/shop-<region>:443", "listener:app/shop-<region>:80", "load-balancer:app/shop-<region>",
        "subnet:a/b/1", "security-group:a/b", "vpc:a",
    )  # fmt: skip

    assert (found.literals["listener:app/shop-<region>:443"] in listener, counts) == (
        True,
        {
            "elbv2.DescribeLoadBalancers": 1,
            "elbv2.DescribeListeners": 1,
            "ec2.DescribeVpcs": 1,
            "ec2.DescribeSubnets": 1,
            "ec2.DescribeSecurityGroups": 1,
        },
    )


def test_only_the_tables_are_described_whose_streams_are_asked_for(aws, ask):
    for name in ("orders", "carts", "orders-old"):
        make_table(aws, "eu-west-1", name)

    assert ask("stream:orders-<region>/stream")[1] == {"dynamodb.ListTables": 1, "dynamodb.DescribeTable": 1}


def test_a_table_whose_stream_is_off_has_none(aws, ask):
    make_table(aws, "eu-west-1", stream=False)

    assert ask("stream:orders-<region>/stream")[0] == Meanings(
        {}, {"stream:orders-<region>/stream": "there is no stream called orders-<region>/stream in eu-west-1"}
    )


def test_a_stream_that_was_turned_off_keeps_its_arn_and_is_none_all_the_same(scripted):
    table = {"LatestStreamArn": "arn:aws:dynamodb:eu-west-1::table/orders/stream/2024-05-01T10:11:12.123"}
    answers = {"ListTables": {"TableNames": ["orders"]}, "DescribeTable": {"Table": table}}

    assert scripted(lambda asked: (200, answers[asked.operation]), "stream:orders/stream").literals == {}


@pytest.mark.parametrize(
    ("symbol", "reason"),
    [
        ("vpc:main", "there is no vpc called main in eu-west-1"),
        ("subnet:main/private/3", "there is no subnet called main/private/3 in eu-west-1"),
        ("kms:alias/shop", "there is no key whose oldest alias is called alias/shop in eu-west-1"),
        ("secret:db", "there is no secret called db in eu-west-1"),
        ("load-balancer:app/shop", "there is no load balancer called app/shop in eu-west-1"),
        ("az:9", "there is no Availability Zone called 9 in eu-west-1"),
        ("listener:app/shop:443", "there is no listener called app/shop:443 in eu-west-1"),
        ("consumer:c", "there is no consumer called c in eu-west-1"),
        ("code-signing-config:d", "there is no code signing config called d in eu-west-1"),
        ("layer:deps@0a1b2c3d4e5f",
         "there is no version of a layer called deps with this content in eu-west-1"),
        ("aws-layer:LambdaInsightsExtension@1.0.295.0",
         ("the version of AWS's layer LambdaInsightsExtension@1.0.295.0 in eu-west-1 is in no table here; auditor.yaml "
          "can say under `symbols:` what 'aws-layer:LambdaInsightsExtension@1.0.295.0' is in eu-west-1")),
        ("bucket:assets", "auditor.yaml can say under `symbols:` what 'bucket:assets' is in eu-west-1"),
        ("api", "auditor.yaml can say under `symbols:` what 'api' is in eu-west-1"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_not_to_be(ask, symbol, reason):
    assert ask(symbol)[0] == Meanings({}, {symbol: reason})


def test_two_things_of_one_name_are_ambiguous(aws, ask):
    twins = sorted(make_vpc(aws, "eu-west-1") for _ in range(2))

    assert ask("vpc:main-<region>")[0] == Meanings(
        {}, {"vpc:main-<region>": f"ambiguous: {twins[0]} and {twins[1]} are all 'vpc:main-<region>'"}
    )


def consumer_answers(consumers):
    """Streams by their name, and what is answered of their consumers."""
    arn = "arn:aws:kinesis:eu-west-1::stream/"

    def answer(asked):
        if asked.operation == "ListStreamConsumers":
            return consumers[asked.body["StreamARN"].rpartition("/")[2]]
        streams = [{"StreamName": name, "StreamARN": arn + name, "StreamStatus": "ACTIVE"} for name in consumers]
        return 200, {"StreamNames": list(consumers), "StreamSummaries": streams, "HasMoreStreams": False}

    return answer


def consumer_of(stream, made):
    arn = f"arn:aws:kinesis:eu-west-1::stream/{stream}/consumer/c:{made}"
    return 200, {"Consumers": [{"ConsumerName": "c", "ConsumerARN": arn}]}


def test_consumers_of_one_name_at_two_streams_are_ambiguous(scripted):
    answers = consumer_answers({"a": consumer_of("a", 1571234567), "b": consumer_of("b", 1581234567)})

    assert scripted(answers, "consumer:c") == Meanings(
        {}, {"consumer:c": "ambiguous: c:1571234567 and c:1581234567 are all 'consumer:c'"}
    )


def test_a_listing_that_is_denied_makes_its_kind_unknown_and_no_other(scripted):
    denied = {"__type": "AccessDeniedException", "message": "no"}
    arn = "arn:aws:secretsmanager:eu-west-1::secret:db-AbCdE1"
    answers = {"ListSecrets": (200, {"SecretList": [{"ARN": arn}]}), "ListAliases": (400, denied)}

    found = scripted(lambda asked: answers[asked.operation], "kms:alias/app", "secret:db")

    assert found == Meanings({"secret:db": "db-AbCdE1"}, {"kms:alias/app": "unknown: AccessDeniedException: no"})


def test_where_what_a_name_holds_is_denied_the_name_is_unknown_and_not_missing(aws, ask, monkeypatch, free_port):
    make_subnet(aws, "eu-west-1")
    denied = Faults(aws.environment["AWS_ENDPOINT_URL"], free_port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", denied.url)
    try:
        error = {"code": "UnauthorizedOperation", "status": 403}
        denied.add({"service": "ec2", "operation": "DescribeVpcs", "error": error})
        found = ask("subnet:main-<region>/private/1")[0]
    finally:
        denied.stop()

    assert found.unknown["subnet:main-<region>/private/1"].startswith("unknown: UnauthorizedOperation")


def test_one_table_that_may_not_be_described_leaves_the_others_known(scripted):
    def answer(asked):
        if asked.operation == "ListTables":
            return 200, {"TableNames": ["carts", "orders"]}
        if asked.body["TableName"] == "carts":
            return 400, {"__type": "AccessDeniedException", "message": "no"}
        stream = "arn:aws:dynamodb:eu-west-1::table/orders/stream/2024-05-01T10:11:12.123"
        return 200, {"Table": {"LatestStreamArn": stream, "StreamSpecification": {"StreamEnabled": True}}}

    assert scripted(answer, "stream:orders/stream", "stream:carts/stream") == Meanings(
        {"stream:orders/stream": "orders/stream/2024-05-01T10:11:12.123"},
        {"stream:carts/stream": "unknown: AccessDeniedException: no"},
    )


def test_a_consumer_is_unknown_while_one_stream_does_not_tell_of_a_second(scripted):
    denied = 400, {"__type": "AccessDeniedException", "message": "no"}

    assert scripted(consumer_answers({"a": consumer_of("a", 1571234567), "b": denied}), "consumer:c") == Meanings(
        {}, {"consumer:c": "unknown: AccessDeniedException: no"}
    )


def test_a_secret_whose_random_end_reads_like_a_word_is_there_and_cannot_be_written(scripted):
    listed = {"SecretList": [{"ARN": "arn:aws:secretsmanager:eu-west-1::secret:db-abcdef"}]}

    assert scripted(lambda _: (200, listed), "secret:db") == Meanings(
        {},
        {
            "secret:db": "its id in eu-west-1 does not tell what it is, and would not be read as 'secret:db'; "
            "auditor.yaml can say under `symbols:` what 'secret:db' is in eu-west-1"
        },
    )


def test_a_multi_region_key_is_not_written_for_one_that_is_named_by_its_alias(scripted):
    alias = {"AliasName": "alias/app", "TargetKeyId": "mrk-1234abcd12ab34cd56ef1234567890ab"}

    found = scripted(lambda _: (200, {"Aliases": [alias]}), "kms:alias/app")

    assert found.unknown["kms:alias/app"].startswith("its id in eu-west-1 does not tell")


def test_the_newest_version_of_a_layer_with_the_content_is_taken(aws, ask):
    made = publish(aws, "eu-west-1", "a", "a", "b")
    symbol = f"layer:deps@{made[0]['Content']['CodeSha256'][:12]}"

    # All versions are looked at for the sake of one that is not there.
    assert ask(symbol, "layer:deps@nothing")[0].literals == {symbol: made[1]["LayerVersionArn"]}


def test_no_more_versions_of_a_layer_are_asked_for_than_it_takes(aws, ask):
    made = publish(aws, "eu-west-1", "a", "b", "c", "d")
    symbols = [f"layer:deps@{one['Content']['CodeSha256'][:12]}" for one in made[2:]]

    assert ask(*symbols)[1] == {"lambda.ListLayerVersions": 1, "lambda.GetLayerVersion": 2}


def layer_answers(count, content):
    def answer(asked):
        arn = "arn:aws:lambda:eu-west-1:123456789012:layer:deps"
        number = asked.path.partition("?")[0].rpartition("/")[2]
        if number == "versions":
            return 200, {"LayerVersions": [{"Version": one} for one in range(count, 0, -1)]}
        return content(int(number), f"{arn}:{number}")

    return answer


def test_of_a_layer_with_very_many_versions_the_newest_fifty_are_asked_for(scripted):
    def content(number, arn):
        return 200, {"LayerVersionArn": arn, "Content": {"CodeSha256": "same-content" if number == 1 else "x"}}

    assert scripted(layer_answers(51, content), "layer:deps@same-content") == Meanings(
        {},
        {"layer:deps@same-content": "none of the 50 newest versions of the layer deps has this content in eu-west-1"},
    )


def test_a_layer_version_that_may_not_be_read_makes_what_was_not_found_before_it_unknown(scripted):
    def content(number, arn):
        if number == 1:
            return 403, {"__type": "AccessDeniedException", "Message": "no"}
        return 200, {"LayerVersionArn": arn, "Content": {"CodeSha256": f"content-{number:04}"}}

    assert scripted(layer_answers(2, content), "layer:deps@content-0002", "layer:deps@content-0001") == Meanings(
        {"layer:deps@content-0002": "arn:aws:lambda:eu-west-1:123456789012:layer:deps:2"},
        {"layer:deps@content-0001": "unknown: AccessDeniedException: no"},
    )


def test_a_layer_that_aws_does_not_know_is_not_there(scripted):
    gone = {"__type": "ResourceNotFoundException", "Message": "gone"}

    assert scripted(lambda _: (404, gone), "layer:deps@0a1b2c3d4e5f").unknown == {
        "layer:deps@0a1b2c3d4e5f": "there is no version of a layer called deps with this content in eu-west-1"
    }


def test_aws_own_layers_and_accounts_are_told_by_tables(ask):
    insights = "aws-layer:LambdaInsightsExtension@1.0.295.0"

    assert ask(insights, "elb-log-account", "s3-website", region="ap-south-1")[0] == Meanings(
        {
            insights: "arn:aws:lambda:ap-south-1:580247275435:layer:LambdaInsightsExtension:49",
            "elb-log-account": "718504428378",
            "s3-website": "s3-website.ap-south-1",
        },
        {},
    )


def test_a_region_where_no_account_writes_the_logs_of_load_balancers_is_said_to_have_none(ask):
    assert (
        ask("elb-log-account", region="me-central-1")[0]
        .unknown["elb-log-account"]
        .startswith("no account is known that writes the logs of load balancers in me-central-1")
    )


def test_the_canonical_user_is_the_owner_of_the_buckets(aws, ask):
    owner = aws.client("s3").list_buckets()["Owner"]["ID"]

    assert ask("canonical-user")[0] == Meanings({"canonical-user": owner}, {})


def test_a_code_signing_configuration_is_found_by_its_description(aws, ask):
    profile = f"arn:aws:signer:eu-west-1:{aws.account}:/signing-profiles/shop/abcdefghij"
    made = aws.client("lambda", "eu-west-1").create_code_signing_config(
        Description="shop in eu-west-1", AllowedPublishers={"SigningProfileVersionArns": [profile]}
    )["CodeSigningConfig"]["CodeSigningConfigArn"]

    assert ask("code-signing-config:shop in <region>")[0].literals == {"code-signing-config:shop in <region>": made}


@pytest.mark.parametrize(
    ("answer", "symbol", "literal"),
    [
        ({"clusterInfoList": [{"clusterArn": "arn:aws:kafka:eu-west-1::cluster/events-eu-west-1/"
                                             "0a1b2c3d-0000-1111-2222-333344445555-6"}]},
         "msk:events-<region>", "events-eu-west-1/0a1b2c3d-0000-1111-2222-333344445555-6"),
        ({"brokerSummaries": [{"brokerArn": "arn:aws:mq:eu-west-1::broker:jobs:"
                                            "b-0a1b2c3d-0000-1111-2222-333344445555"}]},
         "mq:jobs", "jobs:b-0a1b2c3d-0000-1111-2222-333344445555"),
        ({"profiles": [{"profileVersionArn": "arn:aws:signer:eu-west-1::/signing-profiles/shop/abcdefghij"}]},
         "signer:shop", "shop/abcdefghij"),
    ],
)  # fmt: skip
def test_clusters_brokers_and_signing_profiles_are_told_by_their_arns(scripted, answer, symbol, literal):
    assert scripted(lambda _: (200, json.dumps(answer)), symbol) == Meanings({symbol: literal}, {})


def test_a_scaling_group_of_cloudformation_whose_own_name_somebody_chose_cannot_be_written(aws, ask):
    tags = {"aws:cloudformation:stack-name": "shop", "aws:cloudformation:logical-id": "Web"}
    aws.client("autoscaling", "eu-west-1").create_auto_scaling_group(
        AutoScalingGroupName="chosen",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["eu-west-1a"],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )

    assert ask("asg:shop/Web")[0].unknown["asg:shop/Web"].startswith("its id in eu-west-1 does not tell")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda kms, key: kms.disable_key(KeyId=key), "Disabled"),
        (lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7), "PendingDeletion"),
    ],
)
def test_an_alias_of_a_key_that_cannot_be_used_means_nothing(aws, ask, change, state):
    arn = make_key(aws, "eu-west-1")
    before = ask("key-alias:alias/shop-<region>")[0]
    change(aws.client("kms", "eu-west-1"), arn)
    after = ask("key-alias:alias/shop-<region>")[0]

    assert before.literals == {"key-alias:alias/shop-<region>": "alias/shop-eu-west-1"}
    why = f"the key alias/shop-eu-west-1 is {state} in eu-west-1"
    assert after == Meanings({}, {"key-alias:alias/shop-<region>": why})


def test_every_call_that_can_be_made_is_named_for_the_policy():
    told = {f"{service}.{call.operation}" for service, call in meaning_calls()}

    assert told == {
        "autoscaling.DescribeAutoScalingGroups", "dynamodb.DescribeTable", "dynamodb.ListTables",
        "ec2.DescribeAvailabilityZones", "ec2.DescribeSecurityGroups", "ec2.DescribeSubnets",
        "ec2.DescribeVpcEndpoints", "ec2.DescribeVpcs", "efs.DescribeAccessPoints", "elbv2.DescribeListeners",
        "elbv2.DescribeLoadBalancers", "elbv2.DescribeTargetGroups",
        "kafka.GetBootstrapBrokers", "kafka.ListClustersV2", "kafka.ListVpcConnections",
        "kinesis.ListStreamConsumers", "kinesis.ListStreams", "kms.DescribeKey", "kms.ListAliases",
            "lambda.GetLayerVersion",
        "lambda.ListCodeSigningConfigs", "lambda.ListLayerVersions", "mq.ListBrokers", "s3.ListBuckets",
        "secretsmanager.ListSecrets", "signer.ListSigningProfiles",
    }  # fmt: skip
