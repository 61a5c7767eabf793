"""What settings name that can be nothing is an error with its line, and not a rule that never holds."""

from __future__ import annotations

import pytest

from auditor.compare.field_places import can_begin

HEAD = "golden: us-east-1\nregions: [us-east-1, eu-west-1]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "exceptions: [{resource: checkout, reason: x}]",
            "'exceptions.0.resource': TYPE/NAME is needed, such as",
        ),
        (
            "exceptions:\n  - {resource: '*/a', reason: x}\n  - {resource: AWS::Lamda::Function/a, reason: x}",
            "auditor.yaml:5: 'exceptions.1.resource': there is no such type. Did you mean AWS::Lambda::Function?",
        ),
        (
            "exceptions: [{resource: 'AWS::Lambda::Function/checkout', path: 'MemorySize', reason: x}]",
            "auditor.yaml:3: 'exceptions.0.path': a path begins with /: '/MemorySize'?",
        ),
        (
            "exceptions: [{resource: '*/checkout', region: 'eu-wst-*', reason: x}]",
            "'exceptions.0.region': there is no such region. Did you mean eu-west-",
        ),
        (
            "exceptions: [{resource: '*/checkout', region: 'prod/eu-west-1', reason: x}]",
            "there is no such region; an account's site stands under 'site'",
        ),
        (
            "names: {'AWS::S3::Buckt': ['{stem}-{region}']}",
            "'names.AWS::S3::Buckt': there is no such type. Did you mean",
        ),
        ("pair_by_tag: {'Bucket': name}", "'pair_by_tag.Bucket': there is no such type"),
        (
            "pairs: {'AWS::S3::Bucket': {a: {us-east-1: x, eu-wst-1: y}}}",
            "'pairs.AWS::S3::Bucket.a.eu-wst-1': there is no such region. Did you mean eu-west-1?",
        ),
        (
            "symbols: {api: {us-east-1: x, eu-wst-1: y}}",
            "'symbols.api.eu-wst-1': there is no such region. Did you",
        ),
        ("compare: {'AWS::Lambda::Function': count}", "'compare.AWS::Lambda::Function': TYPE/FIELD is needed"),
        ("compare: {'AWS::Lamda::*/MemorySize': count}", "'compare.AWS::Lamda::*/MemorySize': there is no such type"),
        ("severity: {'MemorySize': low}", "'severity.MemorySize': TYPE/FIELD is needed"),
        (
            "compare: {'AWS::Lambda::Function/MemorySice': 'within 10%'}",
            "AWS::Lambda::Function has no such field that is compared. Did you mean /MemorySize?",
        ),
        (
            "compare: {'AWS::Lambda::Function//MemorySize': 'within 10%'}",
            "AWS::Lambda::Function has no such field that is compared. Did you mean /MemorySize?",
        ),
        ("compare: {'AWS::S3::*/memorySize': count}", "none of these types has such a field"),
        ("compare: {'AWS::Lambda::Function/VpcConfig/SubnetIDs': count}", "Did you mean /VpcConfig/SubnetIds?"),
        ("compare: {'AWS::Lambda::Function/LastModified': informational}", "has no such field that is compared"),
        ("compare: {'AWS::CodeDeploy::GitHubConnection/x': count}", "has no such field that is compared"),
        ("compare: {'AWS::S3::Bucket/*': count}", "a field is named here; * stands for names inside one"),
        ("severity: {'AWS::Lambda::Function/MemorySice': low}", "Did you mean /MemorySize?"),
        ("severity: {'AWS::S3::Bucket/mising': low}", "there is no such field or kind. Did you mean missing?"),
        ("severity: {'AWS::S3::Bucket/Tag/*': low}", "AWS::S3::Bucket has no such field that is compared"),
        (
            "exceptions: [{resource: 'AWS::Lambda::Function/a', path: /memorysize, reason: x}]",
            "'exceptions.0.path': AWS::Lambda::Function has no such field that is compared. Did you mean /MemorySize?",
        ),
        (
            "exceptions: [{resource: 'AWS::S3::*/a', path: /VersioningConfiguration, reason: x,\n  site: x}]",
            "auditor.yaml:4: 'exceptions.0.site': no site can be called so",
        ),
        (
            "exceptions: [{resource: '*/a', region: 'eu-*', site: us-east-1, reason: x}]",
            "'exceptions.0.site': no site of this name is in a region that eu-* matches",
        ),
        (
            "accounts: {prod: {profile: a}}\nexceptions: [{resource: '*/a', site: prdo/eu-west-1, reason: x}]",
            "auditor.yaml:4: 'exceptions.0.site': no site can be called so. Did you mean prod/eu-west-1?",
        ),
        (
            "accounts: {prod: {profile: a}}\nsymbols: {api: {prdo/eu-west-1: x}}",
            "auditor.yaml:4: 'symbols.api.prdo/eu-west-1': 'accounts' names no prdo. Did you mean prod?",
        ),
        (
            "pairs: {'AWS::S3::Bucket': {a: {us-east-1: x, prod/eu-west-1: y}}}",
            "'pairs.AWS::S3::Bucket.a.prod/eu-west-1': 'accounts' names no prod",
        ),
        (
            "types:\n  - AWS::S3::*\n  - AWS::S3::Buckt",
            "auditor.yaml:5: 'types.1': 'AWS::S3::Buckt' matches no resource type. Did you mean AWS::S3::Bucket?",
        ),
        (
            "select:\n  include: [{name: a}]\n  exclude:\n    - {type: AWS::S3::Buckt}",
            "auditor.yaml:6: 'select.exclude.0.type': 'AWS::S3::Buckt' matches no resource type. Did you mean",
        ),
    ],
)
def test_what_can_match_nothing_is_refused_with_its_line(clean_environment, run, tmp_path, text, said):
    (tmp_path / "auditor.yaml").write_text(f"{HEAD}{text}\n")

    told = run("diff", "latest")

    assert (told.code, said in told.err, "auditor.yaml:" in told.err, told.err.endswith("Nothing was read.\n")) == (
        1,
        True,
        True,
        True,
    ), told.err


def test_every_problem_is_told_at_once(clean_environment, run, tmp_path):
    (tmp_path / "auditor.yaml").write_text(f"{HEAD}severity: {{x: low}}\ncompare: {{y: count}}\n")

    assert [line.partition("'")[2].partition("'")[0] for line in run("diff", "latest").err.splitlines()[:2]] == [
        "severity.x",
        "compare.y",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "exceptions: [{resource: '*', reason: x}, {resource: '*api', reason: x}, {resource: 'AWS::S3*', reason: x}]",
        "exceptions: [{resource: '*/a', path: '', reason: x}, {resource: '*/a', path: '*Size', reason: x}]",
        "exceptions: [{resource: 'AWS::[SL]*::?ucket/a[*]', path: '/Tags/*', region: 'eu-*', reason: x}]",
        "severity: {'*/missing': low, '*/Policy*': high, 'AWS::S3::Bucket/*': low}",
        "compare: {'AWS::Lambda::*/MemorySize': 'within 10%', '*/Tags': count}",
        "accounts: {prod: {profile: a}}\nsymbols: {api: {us-east-1: x, prod/eu-west-1: y}}",
        "organization: {role_name: a}\nexceptions: [{resource: '*/a', site: 'anyone/eu-*', reason: x}]",
        "accounts: {prod: {profile: a}}\nexceptions: [{resource: '*/a', region: 'eu-*', site: 'p*', reason: x}]",
        "compare: {'AWS::Lambda::Function/Environment/Variables/ANY': informational, '*/Policy/Statement/a/b': count}",
        "compare: {'*/Tags/*': count, 'AWS::S3::Bucket/CORSConfiguration/CORSRules/[]/MaxAgeSeconds': at-least}",
        "severity: {'AWS::Lambda::Function/Layers/0/Arn': low, 'AWS::S3::*/Tags/cost~1center': low, '*Size': low}",
        "exceptions: [{resource: '*', path: '/Tags/a[1]', reason: x}, {resource: '*/a', path: '/Tags/', reason: x}]",
        "exceptions: [{resource: '*:Function/a', path: '/Environment/Variables/X[*]Y[/]', reason: x}]",
        "exceptions: [{resource: 'AWS::Lambda::EventSourceMapping/a', path: /Enabled, reason: x}]",
    ],
)
def test_what_may_match_something_is_taken(clean_environment, run, tmp_path, text):
    (tmp_path / "auditor.yaml").write_text(f"{HEAD}{text}\n")

    assert "has no snapshot 'latest'" in run("diff", "latest").err


@pytest.mark.parametrize(
    ("glob", "prefix", "expected"),
    [
        ("a/b", "a/", True),
        ("a/", "a/", False),
        ("a", "a/", False),
        ("*", "a/", True),
        ("*b", "a/", True),
        ("**", "a/", True),
        ("?/[xy]*", "a/", True),
        ("[!a]/x", "a/", False),
        ("[]a]/x", "a/", True),
        ("b*", "a/", False),
        ("", "a/", False),
    ],
)
def test_whether_a_glob_can_match_what_begins_so(glob, prefix, expected):
    assert can_begin(glob, prefix) == expected
