"""A role's credentials are renewed before they run out, and who is asked for whom is told by no secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from auditor.aws.account import Account
from auditor.aws.sessions import Sessions
from auditor.errors import CredentialsError, SettingsError
from auditor.model.values import Site
from scripted import scripted_aws

ROLE = "arn:aws:iam::111122223333:role/auditor"
SITE = Site("eu-west-1", "prod")


class Sts:
    """Answers AssumeRole and GetCallerIdentity, and keeps what it was asked."""

    def __init__(self, lasts=3600, refusal=None, account="111122223333"):
        self.lasts, self.refusal, self.account = lasts, refusal, account
        self.asked = []

    def __call__(self, request):
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        self.asked.append(form)
        if form["Action"] == "GetCallerIdentity":
            return 200, answer("GetCallerIdentity", f"<Account>{self.account}</Account>")
        if self.refusal and len(self.of("AssumeRole")) > self.refusal[0]:
            return 403, refusal(self.refusal[1])
        end = (datetime.now(UTC) + timedelta(seconds=self.lasts)).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = len(self.of("AssumeRole"))
        return 200, answer("AssumeRole", (
            f"<Credentials><AccessKeyId>ASIAKEY{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            f"<SessionToken>t</SessionToken><Expiration>{end}</Expiration></Credentials>"
        ))  # fmt: skip

    def of(self, action):
        return [one for one in self.asked if one["Action"] == action]


def answer(action, body):
    return f"<{action}Response><{action}Result>{body}</{action}Result></{action}Response>"


def refusal(code):
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>CANARY</Message></Error></ErrorResponse>"


@pytest.fixture
def sessions_of(clean_environment, monkeypatch):
    """Sessions of the account `prod`, whose AWS answers as this STS does."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "caller")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with ExitStack() as stack:

        def made(sts, **account):
            monkeypatch.setenv("AWS_ENDPOINT_URL", stack.enter_context(scripted_aws(sts)).url)
            return Sessions({"prod": Account(**{"role_arn": ROLE, **account})})

        yield made


def test_a_role_is_asked_for_as_the_settings_say(sessions_of):
    sts = Sts()

    sessions_of(sts, external_id="CANARY", session_name="night", duration=7200).locale(SITE)

    asked = sts.of("AssumeRole")[0]
    assert {name: asked.get(name) for name in ("RoleArn", "ExternalId", "RoleSessionName", "DurationSeconds")} == {
        "RoleArn": ROLE,
        "ExternalId": "CANARY",
        "RoleSessionName": "night",
        "DurationSeconds": "7200",
    }


def test_a_role_is_asked_for_once_for_all_the_regions_of_its_account(sessions_of):
    sts = Sts()
    sessions = sessions_of(sts)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(sessions.locale, [Site(one, "prod") for one in ("eu-west-1", "us-east-1", "sa-east-1")] * 3))

    assert [len(sts.of(one)) for one in ("AssumeRole", "GetCallerIdentity")] == [1, 3]


def test_a_role_that_is_about_to_end_is_asked_for_again(sessions_of):
    sts = Sts(lasts=100)
    sessions = sessions_of(sts)

    sessions.locale(SITE)

    assert len(sts.of("AssumeRole")) == 2


def test_a_role_that_was_asked_for_a_quarter_of_an_hour_is_not_asked_for_at_each_call(sessions_of):
    sts = Sts(lasts=900)
    sessions = sessions_of(sts, duration=900)

    for region in ("eu-west-1", "us-east-1", "sa-east-1"):
        sessions.locale(Site(region, "prod"))

    assert len(sts.of("AssumeRole")) == 1


def test_a_renewal_that_is_refused_tells_its_code_and_no_secret(sessions_of):
    sessions = sessions_of(Sts(lasts=100, refusal=(1, "AccessDenied")), external_id="CANARY")

    with pytest.raises(CredentialsError) as raised:
        sessions.locale(SITE)

    assert ("AccessDenied" in str(raised.value), "CANARY" in str(raised.value)) == (True, False)


def test_a_duration_that_a_role_does_not_allow_is_named(sessions_of):
    sessions = sessions_of(Sts(refusal=(0, "ValidationError")), duration=43200)

    with pytest.raises(CredentialsError, match="Is 43200 seconds longer than the role allows"):
        sessions.locale(SITE)


def test_what_is_refused_once_is_not_asked_again(sessions_of):
    sts = Sts(refusal=(0, "AccessDenied"))
    sessions = sessions_of(sts)

    for _ in range(2):
        with pytest.raises(CredentialsError):
            sessions.locale(SITE)

    assert len(sts.asked) == 1


def test_credentials_of_another_account_are_refused(sessions_of):
    sessions = sessions_of(Sts(account="444455556666"), account_id="111122223333")

    with pytest.raises(SettingsError) as raised:
        sessions.locale(SITE)

    assert str(raised.value) == (
        "prod/eu-west-1: these credentials are of the account 444455556666, and the settings say that 'prod' is "
        "111122223333. Nothing was read, and nothing written. Use credentials of that account, or mend its "
        "'account_id'."
    )


def test_an_external_id_is_not_in_what_an_account_looks_like():
    assert "CANARY" not in repr(Account(ROLE, "CANARY"))


def test_an_account_that_nobody_names_is_refused(sessions_of):
    with pytest.raises(SettingsError, match="'accounts' names no 'gone'"):
        sessions_of(Sts()).locale(Site("eu-west-1", "gone"))
