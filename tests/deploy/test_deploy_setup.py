"""`auditor deploy-setup`: the templates with what the settings say, printed or written, and AWS never called."""

from __future__ import annotations

import json
import zipfile

import pytest
from ruamel.yaml import YAML


@pytest.fixture
def told(clean_environment, tmp_path):
    """Writes a settings file."""

    def write(bucket="shop-{region}", **more):
        deploy = {"application": "shop", "groups": ["web"], "bucket": bucket}
        made = {"golden": "us-east-1", "regions": ["us-east-1", "eu-west-1"], "deploy": deploy, **more}
        (tmp_path / "auditor.yaml").write_text(json.dumps(made))

    write()
    return write


def buckets(template):
    yaml = YAML(typ="rt", pure=True)
    listener = yaml.load(template)["Resources"]["Listener"]["Properties"]["Environment"]["Variables"]
    return json.loads(getattr(listener["BUCKETS"], "value", listener["BUCKETS"]))


def test_a_template_is_printed_alone(told, run):
    finished = run("deploy-setup", "listener")

    assert (finished.code, buckets(finished.out)) == (0, {"us-east-1": "shop-us-east-1", "eu-west-1": "shop-eu-west-1"})


def test_all_that_is_needed_is_written_into_a_folder(told, run, tmp_path):
    finished = run("deploy-setup", "--repository", "octo_acme/shop", "-o", "setup")

    size = (tmp_path / "setup" / "functions.zip").stat().st_size
    said = f"setup: region.yaml, listener.yaml, and functions.zip of {size:,} bytes\n"
    assert (finished.out, sorted(one.name for one in (tmp_path / "setup").iterdir())) == (
        said,
        ["functions.zip", "listener.yaml", "region.yaml"],
    )


def test_the_code_that_is_written_is_the_listeners(told, run, tmp_path):
    run("deploy-setup", "-o", "setup")

    names = zipfile.ZipFile(tmp_path / "setup" / "functions.zip").namelist()
    assert "auditor/deploy/functions/github_listener.py" in names


def test_a_bucket_is_named_after_the_account_of_the_sites_role(told, run):
    accounts = {"prod": {"role_arn": "arn:aws:iam::210987654321:role/auditor"}}
    told("shop-{account}-{region}", accounts=accounts, regions=["us-east-1", "prod/eu-west-1"])

    finished = run("deploy-setup", "listener")

    assert buckets(finished.out) == {
        "us-east-1": "shop-${AWS::AccountId}-us-east-1",
        "eu-west-1": "shop-210987654321-eu-west-1",
    }


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {
                "bucket": "shop-{account}-{region}",
                "accounts": {"prod": {"profile": "prod"}},
                "regions": ["us-east-1", "prod/eu-west-1"],
            },
            "nothing says what the account id of 'prod' is. No template was made. Give it an 'account_id'",
        ),
        (
            {"accounts": {"prod": {"profile": "prod"}}, "regions": ["us-east-1", "prod/us-east-1"]},
            "Two sites are in one region, and a listener knows one bucket of each region. No template was made.",
        ),
        ({"bucket": "shop"}, "'deploy.bucket': 'shop' is one name for 2 regions. Put {region} into it."),
        ({"deploy": None}, "Nothing says what the application to deploy to is."),
    ],
)
def test_what_cannot_be_filled_in_is_said(told, run, more, said):
    told(**more)

    finished = run("deploy-setup")

    assert (finished.code, finished.out, said in finished.err) == (1, "", True), finished.err
