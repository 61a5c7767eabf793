"""The URL of a function in another function's variable: AWS makes its host up, and the audit knows whose it is."""

from __future__ import annotations

from reconciling import FUNCTION, function, region, settings

URL = "AWS::Lambda::Url"


def variables(aws, where):
    """The variables of the function that calls."""
    told = aws.client("lambda", where).get_function_configuration(FunctionName="caller")
    return told["Environment"]["Variables"]


def set_variables(aws, where, **variables):
    aws.client("lambda", where).update_function_configuration(
        FunctionName="caller", Environment={"Variables": variables}
    )


def host(aws, where):
    url = aws.client("lambda", where).get_function_url_config(FunctionName="api")["FunctionUrl"]
    return url.removeprefix("https://").removesuffix("/")


def test_a_variable_is_given_the_own_regions_url_of_a_function_shown_or_hidden(aws, tmp_path, monkeypatch, run):
    monkeypatch.chdir(tmp_path)
    arn = f"arn:aws:lambda:${{region}}:{aws.account}:function:api"
    url = {"api/$LATEST": {"FunctionArn": arn, "AuthType": "AWS_IAM"}}
    own = region({URL: url}, api=function(aws.account), caller=function(aws.account))
    aws.seed(us_east_1=own, eu_west_1=own)
    settings(tmp_path, "us-east-1", "eu-west-1", types=[FUNCTION, URL])
    golden, here = host(aws, "us-east-1"), host(aws, "eu-west-1")
    # A path makes it a secret, which is taken from golden when it is written.
    set_variables(aws, "us-east-1", API=f"https://{golden}/", ORDERS=f"https://{golden}/orders?x=1")
    set_variables(aws, "eu-west-1", API=f"https://{golden}/", ORDERS="none")

    run("plan", "--output", "plan.json")
    applied = run("apply", "plan.json", "--yes")
    after = variables(aws, "eu-west-1")
    alike = run("diff")

    assert (applied.code, alike.code) == (0, 0), applied.out
    assert after == {"API": f"https://{here}/", "ORDERS": f"https://{here}/orders?x=1"}
