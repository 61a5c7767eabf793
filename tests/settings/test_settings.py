"""What a person wrote is taken as meant, or refused with the place where it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from auditor.compare.selection import Selector
from auditor.errors import SettingsError
from auditor.model.values import DriftException, Site
from auditor.settings.load import load_settings, parse_site, settings_schema
from auditor.settings.yaml_file import parse_settings_file

REGIONS = ("ap-southeast-2", "eu-west-1", "us-east-1")
# As /work/shared/interface.md has it.
WHOLE = """\
golden: us-east-1                      # a site, or snapshot:ID, or file:PATH
regions: [us-east-1, eu-west-1, ap-southeast-2]
accounts:                              # optional
  prod: {role_arn: "arn:aws:iam::111122223333:role/auditor", external_id: "hunter2"}
types: ["AWS::Lambda::*", "AWS::S3::*", "AWS::CodeDeploy::*"]
select:                                # optional; globs; a resource must match an include and no exclude
  include: [{name: "shop-*"}, {tags: {service: checkout}}]
  exclude: [{type: "AWS::S3::Bucket", name: "*-logs-*"}]
names:                                 # what names look like where they differ between regions
  "AWS::S3::Bucket": ["{stem}-{region}", "{stem}-{account}-{region}"]
exceptions:
  - {resource: "AWS::Lambda::Function/*-canary", path: "/MemorySize", region: "eu-*",
     reason: "half-size canary, OPS-112", until: 2027-01-31}
plain: ["LOG_LEVEL", "FEATURE_*"]        # environment variables whose values may be shown
store: snapshots/                      # or s3://bucket/prefix
notify: ["slack://hunter3"]                  # sent by `audit` when findings are new or fixed
deploy: {application: shop, groups: [web], bucket: "shop-artifacts-{region}",
         waves: [[us-east-1], [eu-west-1, ap-southeast-2]]}
"""
SHORT = "golden: us-east-1\nregions: [us-east-1, eu-west-1]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(text=None, options=None, environ=None, offline=False, name="auditor.yaml"):
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    path = Path(name) if text is not None else None
    return load_settings(path, options or {}, environ or {}, lambda: REGIONS, offline)


def refusal(text=None, options=None, environ=None, offline=False):
    with pytest.raises(SettingsError) as caught:
        loaded(text, options, environ, offline)
    return str(caught.value)


def test_a_whole_file_is_accepted():
    assert set(loaded(WHOLE).model_fields_set) == {
        "golden", "regions", "accounts", "types", "select", "names", "exceptions", "plain", "store", "notify",
        "deploy",
    }  # fmt: skip


def test_the_sites_are_read_in_the_order_given():
    assert loaded(WHOLE).sites == (Site("us-east-1"), Site("eu-west-1"), Site("ap-southeast-2"))


def test_golden_is_one_of_the_sites():
    assert loaded(SHORT).golden_site == Site("us-east-1")


def test_an_exception_keeps_its_last_day():
    (exception,) = loaded(WHOLE).exceptions

    assert exception.accepted() == DriftException(
        "AWS::Lambda::Function/*-canary", "half-size canary, OPS-112", "/MemorySize", "eu-*", "*", "2027-01-31"
    )


def test_a_selection_matches_everything_that_it_does_not_mention():
    assert [one.selector() for one in loaded(WHOLE).select.include] == [
        Selector("*", "shop-*", {}),
        Selector("*", "*", {"service": "checkout"}),
    ]


@pytest.mark.parametrize("told", ["30 daily, 12 monthly", "12 monthly,30 daily", "{daily: 30, monthly: 12}"])
def test_what_is_kept_is_told_in_words_or_by_name(told):
    found = loaded(f"{SHORT}keep: {told}\n").keep

    assert (found.daily, found.monthly) == (30, 12)


def test_an_account_keeps_how_it_is_reached():
    assert loaded(WHOLE).accounts["prod"].external_id.get_secret_value() == "hunter2"


def test_waves_are_kept_in_order():
    assert loaded(WHOLE).deploy.waves == (("us-east-1",), ("eu-west-1", "ap-southeast-2"))


def test_what_a_file_does_not_mention_has_a_default():
    assert loaded(SHORT).types == ("AWS::*",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SHORT}sevrity: {{}}\n", "auditor.yaml:3: unknown key 'sevrity'. Did you mean 'severity'?"),
        (
            f"{SHORT}accounts:\n  prod:\n    rolearn: x\n",
            "auditor.yaml:5: unknown key 'accounts.prod.rolearn'. Did you mean 'role_arn'?",
        ),
        (
            f"{SHORT}select:\n  include:\n  - nmae: x\n",
            "auditor.yaml:5: unknown key 'select.include.0.nmae'. Did you mean 'name'?",
        ),
        (f"{SHORT}select:\n  exlude: []\n", "auditor.yaml:4: unknown key 'select.exlude'. Did you mean 'exclude'?"),
        (
            f"{SHORT}deploy:\n  application: x\n  wave: []\n",
            "auditor.yaml:5: unknown key 'deploy.wave'. Did you mean 'waves'?",
        ),
        (
            f"{SHORT}deploy: {{application: x, zzz: 1}}\n",
            "auditor.yaml:3: unknown key 'deploy.zzz'. Known here: application, bucket, groups, waves.",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one(text, expected):
    assert refusal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("golden: us-east-1\nregions: us-east-1\n", "auditor.yaml:2: 'regions': a list is needed."),
        ("golden: 7\nregions: [us-east-1]\n", "auditor.yaml:1: 'golden': text is needed."),
        (f"{SHORT}pace: fast\n", "auditor.yaml:3: 'pace': input should be 'aws' or 'off'."),
        (
            f"{SHORT}severity:\n  '*': huge\n",
            "auditor.yaml:4: 'severity.*': input should be 'high', 'medium' or 'low'.",
        ),
        (f"{SHORT}exceptions:\n- resource: x\n", "auditor.yaml:4: 'exceptions.0.reason' is missing."),
        (
            f"{SHORT}exceptions:\n- resource: x\n  reason: y\n  until: 2027-02-30\n",
            "auditor.yaml:6: 'exceptions.0.until': a day such as 2027-01-31 is needed.",
        ),
        (
            f"{SHORT}exceptions:\n- resource: x\n  reason: ''\n",
            "auditor.yaml:5: 'exceptions.0.reason': string should have at least 1 character.",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_line(text, expected):
    assert refusal(text) == expected


def test_every_mistake_is_told_at_once_in_the_order_of_the_file():
    assert refusal(f"{SHORT}pace: fast\nstor: x\nplain: y\n").splitlines() == [
        "auditor.yaml:3: 'pace': input should be 'aws' or 'off'.",
        "auditor.yaml:4: unknown key 'stor'. Did you mean 'store'?",
        "auditor.yaml:5: 'plain': a list is needed.",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("golden: us-east-1\nregions: [us-east-1\n", "auditor.yaml:3: expected ',' or ']', but got '<stream end>'"),
        ("golden: us-east-1\nregions: a: b\n", "auditor.yaml:2: mapping values are not allowed here"),
        ("golden: us-east-1\ngolden: eu-west-1\n", "auditor.yaml:2: the key 'golden' is written twice"),
        ("- us-east-1\n", "auditor.yaml:1: expected keys with values ('golden: us-east-1')"),
        ("golden: !!int x\n", "auditor.yaml: a value is not of the type that its !!tag says"),
        ('golden: !!int ""\n', "auditor.yaml: a value is not of the type that its !!tag says"),
        ('golden: !!float ""\n', "auditor.yaml: a value is not of the type that its !!tag says"),
        ("golden: !!bool x\n", "auditor.yaml: a value is not of the type that its !!tag says"),
        ("golden: us-east-1\nregions: " + "[" * 3000, "auditor.yaml:2: nested deeper than 100 levels"),
        ("golden: us-east-1\nregions: " + "{a: " * 3000, "auditor.yaml:2: nested deeper than 100 levels"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(text, expected):
    assert refusal(text) == f"{expected}. Nothing was read from AWS."


def test_a_file_that_is_not_text_is_refused(folder):
    (folder / "auditor.yaml").write_bytes(b"golden: \xff\n")

    assert refusal() == "auditor.yaml is not UTF-8 text. Nothing was read from AWS."


def test_a_file_with_characters_that_yaml_does_not_have_is_refused():
    assert refusal("golden: \0\n").startswith("auditor.yaml is not YAML: unacceptable character #x0000")


def test_an_empty_file_says_nothing():
    assert refusal("").splitlines() == [
        (
            "auditor.yaml does not say what 'golden' is. Nothing was read. Give --golden REGION, or write it into "
            "auditor.yaml."
        ),
        (
            "auditor.yaml does not say what 'regions' is. Nothing was read. Give --region REGION (once for each), or "
            "write it into auditor.yaml."
        ),
    ]


def test_a_key_that_is_misspelled_is_not_told_as_missing_too():
    assert refusal("goldn: us-east-1\nregions: [us-east-1]\n") == (
        "auditor.yaml:1: unknown key 'goldn'. Did you mean 'golden'?"
    )


def test_a_key_that_is_missing_is_told_beside_an_unknown_one_of_another_name():
    assert len(refusal("xyz: us-east-1\nregions: [us-east-1]\n").splitlines()) == 2


def test_without_a_file_golden_and_regions_are_asked_for_by_option():
    assert refusal().splitlines() == [
        (
            "There is no auditor.yaml, and nothing says what 'golden' is. Nothing was read. Give --golden REGION, or "
            "write it into auditor.yaml."
        ),
        (
            "There is no auditor.yaml, and nothing says what 'regions' is. Nothing was read. Give --region REGION "
            "(once for each), or write it into auditor.yaml."
        ),
    ]


def test_golden_and_regions_suffice_without_a_file():
    settings = loaded(options={"golden": "us-east-1", "regions": ("us-east-1", "eu-west-1")})

    assert settings.sites == (Site("us-east-1"), Site("eu-west-1"))


def test_an_option_wins_over_the_file():
    assert loaded(SHORT, {"golden": "eu-west-1"}).golden == "eu-west-1"


def test_an_option_that_was_not_given_leaves_the_file_alone():
    assert loaded(SHORT, {"golden": None, "regions": ()}).golden == "us-east-1"


def test_an_option_of_the_wrong_type_is_named_as_an_option():
    assert refusal(SHORT, {"pace": "fast"}) == "--pace: input should be 'aws' or 'off'."


def test_an_option_that_says_what_cannot_be_is_told_without_the_checkers_words():
    assert refusal(SHORT, {"store": "s3://x"}) == "--store: a folder, or s3://BUCKET/PREFIX, is needed."


def test_the_default_file_is_read_without_being_named(folder):
    (folder / "auditor.yaml").write_text(SHORT)

    assert loaded().golden == "us-east-1"


def test_the_environment_names_the_file(folder):
    (folder / "other.yaml").write_text(SHORT.replace("golden: us-east-1", "golden: eu-west-1"))

    assert loaded(environ={"AUDITOR_CONFIG": "other.yaml"}).golden == "eu-west-1"


def test_a_file_named_by_option_wins_over_the_environment():
    assert loaded(SHORT, environ={"AUDITOR_CONFIG": "other.yaml"}).golden == "us-east-1"


def test_a_file_that_was_named_and_is_not_there_is_refused():
    assert refusal(environ={"AUDITOR_CONFIG": "other.yaml"}) == (
        "other.yaml could not be read (No such file or directory). Nothing was read from AWS."
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"golden": "ap-southeast-2"},
            (
                "auditor.yaml: golden is ap-southeast-2, which is not among the regions (us-east-1, eu-west-1). Golden "
                "is read like any other: add it to them."
            ),
        ),
        (
            {"regions": ("us-east-1", "eu-wset-1")},
            "auditor.yaml: 'eu-wset-1' is not an AWS region. Did you mean eu-west-1?",
        ),
        (
            {"regions": ("us-east-1", "dev/eu-west-1")},
            "auditor.yaml: dev/eu-west-1 is in the account 'dev', which 'accounts' does not name.",
        ),
        ({"regions": ("us-east-1", "us-east-1")}, "auditor.yaml: us-east-1 is named twice among the regions."),
    ],
)
def test_sites_that_cannot_be_are_refused_before_anything_is_read(options, expected):
    assert refusal(SHORT, options) == f"{expected}\nNothing was read."


@pytest.mark.parametrize("golden", ["snapshot:20261124T010203Z", "file:golden.json"])
def test_a_golden_that_is_stored_need_not_be_among_the_regions(golden):
    assert loaded(SHORT, {"golden": golden}).golden == golden


def test_stored_snapshots_are_compared_without_golden_and_regions():
    assert loaded(offline=True).sites == (Site("any"),)


def test_stored_snapshots_are_judged_by_the_files_exceptions():
    assert [one.reason for one in loaded(WHOLE, offline=True).exceptions] == ["half-size canary, OPS-112"]


def test_no_secret_is_in_what_the_settings_show():
    assert "hunter" not in repr(loaded(WHOLE))


def test_no_secret_is_in_what_the_file_shows(folder):
    (folder / "auditor.yaml").write_text(WHOLE)

    assert "hunter" not in repr(parse_settings_file(Path("auditor.yaml")))


@pytest.mark.parametrize(
    "text",
    [
        f"{SHORT}notify: slack://hunter2\n",
        f"{SHORT}notify: [{{slack: hunter2}}]\n",
        f"{SHORT}notify: [{{url: 'slack://hunter2', when: [hunter3]}}]\n",
        f"{SHORT}notify: [{{url: [hunter2]}}]\n",
        f"{SHORT}notify: [[hunter2]]\n",
        f"{SHORT}notify: [{{'slack://hunter2/b/c': [new]}}]\n",
        f"{SHORT}notify: [{{'slack://hunter2': [new], 'slack://hunter2': [new]}}]\n",
        f"{SHORT}accounts: {{prod: {{'external_id hunter2': }}}}\n",
        f"{SHORT}organization: {{role_name: a, 'external_id=hunter2': }}\n",
        f"{SHORT}accounts: {{prod: {{external_id: [hunter2]}}}}\n",
        f"{SHORT}accounts: {{prod: {{external_id: hunter2, external_id: hunter3}}}}\n",
        f"{SHORT}accounts: {{prod: {{external_id: *hunter2}}}}\n",
        f"{SHORT}accounts: {{prod: {{external_id: !!int hunter2}}}}\n",
        f"{SHORT}accounts: {{prod: {{external_id: hunter2, profil: x}}}}\n",
    ],
)
def test_no_secret_is_in_a_refusal(text):
    assert "hunter" not in refusal(text)


def test_a_refusal_does_not_carry_the_error_that_it_was_made_of():
    with pytest.raises(SettingsError) as caught:
        loaded(f"{SHORT}notify: slack://hunter2\n")

    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    ("name", "site"), [("eu-west-1", Site("eu-west-1")), ("prod/eu-west-1", Site("eu-west-1", "prod"))]
)
def test_a_site_is_a_region_or_a_region_of_an_account(name, site):
    assert parse_site(name) == site


def test_the_schema_knows_every_key_and_no_other():
    schema = settings_schema()

    assert (sorted(schema["properties"]), schema["required"], schema["additionalProperties"]) == (
        [
            "accounts", "compare", "deploy", "exceptions", "golden", "keep", "metrics", "names", "notify",
            "organization", "pace", "pair_by_tag", "pairs", "plain", "regions", "report_url", "select", "severity",
            "store", "symbols", "types",
        ],
        ["golden", "regions"],
        False,
    )  # fmt: skip


def test_who_is_told_can_be_an_address_alone():
    (one,) = loaded(f"{SHORT}notify: ['json://x']\n").notify

    assert (one.url.get_secret_value(), one.when, one.limit) == ("json://x", ("new", "fixed", "unknown"), 30)


def test_who_is_told_can_be_an_address_with_what_is_told_of():
    (one,) = loaded(f"{SHORT}notify: [{{url: 'json://x', when: [always], limit: 5}}]\n").notify

    assert (one.url.get_secret_value(), one.when, one.limit) == ("json://x", ("always",), 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("notify: [{url: 'json://x', wen: [new]}]", "unknown key 'notify.0.wen'. Did you mean 'when'?"),
        ("notify: ['']", "'notify.0.url'"),
        ("notify: [{url: 'json://x', when: []}]", "'notify.0.when'"),
        ("metrics: {prometheus: metrics.txt}", "'metrics.prometheus': a name that ends in .prom is needed"),
        ("metrics: {promethus: a.prom}", "unknown key 'metrics.promethus'. Did you mean 'prometheus'?"),
        ("report_url: reports", "'report_url': an address that begins with https:// or http:// is needed"),
        ("metrics: {prometheus: ~/x.prom}", "'metrics.prometheus': a path without ~ is needed"),
        ("metrics: {emf: STDOUT}", "'metrics.emf': 'stdout' is written in small letters"),
        ("report_url: 'https://${HOST}/x'", "'report_url': the address itself is needed"),
        ("notify: [{'slack://T/b/c': [new]}]", "unknown key in 'notify.0'. An address stands under 'url'."),
        ("notify: [{url: 'json://x', when: new}]", "'notify.0.when': a list such as [new, fixed] is needed."),
        ("report_url: presigned", "'report_url': a presigned link needs a store in S3 (store: s3://bucket/prefix)"),
    ],
)
def test_what_is_told_to_whom_is_checked(text, says):
    assert f"auditor.yaml:3: {says}" in refusal(f"{SHORT}{text}\n")


def test_a_list_of_which_all_is_wrong_is_not_said_to_be_short_as_well():
    assert len(refusal(f"{SHORT}notify: [{{url: 'json://x', when: [neew]}}]\n").splitlines()) == 1


def test_a_presigned_link_does_not_keep_another_store_from_being_named():
    assert loaded(f"{SHORT}report_url: presigned\nstore: s3://kept/n\n", {"store": "./x"}).store == "./x"


def test_an_empty_store_that_was_given_is_refused():
    assert refusal(SHORT, {"store": ""}) == "--store: a folder, or s3://BUCKET/PREFIX, is needed, and this is empty."


def test_the_schema_takes_an_address_alone():
    assert {"type": "string"}.items() <= settings_schema()["properties"]["notify"]["items"]["anyOf"][0].items()


def test_the_schema_says_that_an_exception_needs_a_reason():
    assert settings_schema()["$defs"]["ExceptionSettings"]["required"] == ["resource", "reason"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("names: {T: ['logs-{region}']}", "a name with {stem} once is needed, and any of {stem}, {region}"),
        ("names: {T: ['{stem}-{stem}']}", "a name with {stem} once is needed, and any of {stem}, {region}"),
        ("names: {T: ['{stem}-{regoin}']}", "a name with {stem} once is needed, and any of {stem}, {region}"),
        ("names: {T: ['{stem']}", "a name with {stem} once is needed, and any of {stem}, {region}"),
        ("compare: {T/Size: nearly}", "one of equal, count"),
        ("types: []", "'types': a list of one or more is needed"),
        ("store: gs://bucket/prefix", "a folder, or s3://BUCKET/PREFIX, is needed"),
        ("store: s3:/bucket/prefix", "a folder, or s3://BUCKET/PREFIX, is needed"),
        ("store: ''", "a folder, or s3://BUCKET/PREFIX, is needed, and this is empty"),
        ("keep: 30", "'keep': such as '30 daily, 12 monthly' is needed"),
        ("keep: {daily: true}", "'keep.daily': input should be a valid integer"),
        ("accounts: {prod: {account_id: 12345678}}", "'accounts.prod.account_id': 12 digits in quotes are needed"),
        ("store: s3://", "a folder, or s3://BUCKET/PREFIX, is needed"),
        ("keep: 30 days", "'keep': such as '30 daily, 12 monthly' is needed"),
        ("keep: 30 daily, 3 daily", "'keep': such as '30 daily, 12 monthly' is needed"),
        ("keep: 0 daily", "daily or monthly is needed"),
        ("keep: {daily: 0}", "daily or monthly is needed"),
        ("keep: {daily: -1}", "greater than or equal to 0"),
    ],
)
def test_a_value_that_nothing_can_be_made_of_is_refused_with_what_is_needed(lines, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        loaded(f"{SHORT}{lines}\n")


def test_comparators_are_told_by_type_and_place():
    told = loaded(f"{SHORT}compare: {{'AWS::Lambda::*/VpcConfig/SubnetIds': count}}\n").comparators

    assert told == {("AWS::Lambda::*", ("VpcConfig", "SubnetIds")): "count"}


def test_a_key_with_nothing_behind_it_says_nothing():
    assert loaded(f"{SHORT}exceptions:\n").exceptions == ()
