"""Ids and keys that AWS makes up and that could be anybody's text: told by what they are called, too. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.canonical.stack_names import LABELS, WORDS
from auditor.canonical.wording import SYMBOL
from auditor.model.values import Value

_ID_WHY: Final = (
    "{what} is made up by AWS, and is another one in each region; `symbols` in the settings can say what it stands for"
)
_KEY_WHY: Final = "{what} is made up by AWS for what is in one region, and is good for nothing in another"
_MIXED: Final = r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])"


@dataclass(frozen=True)
class _Form:
    """How one kind looks, and what it must be called (in small words, blanks between them) to be one.

    `name` is None where the look alone is enough; then it is looked for inside longer texts as well.
    """

    what: str
    looks: re.Pattern[str]
    name: re.Pattern[str] | None = None
    is_key: bool = False

    @property
    def why(self) -> str:
        """Why such a value is nothing elsewhere; it quotes no value."""
        return (_KEY_WHY if self.is_key else _ID_WHY).format(what=self.what)


def _alone(what: str, looks: str, is_key: bool = False) -> _Form:
    return _Form(what, re.compile(rf"(?<![\w.-])(?:{looks})(?![\w-]|\.\w)"), is_key=is_key)


def _called(what: str, looks: str, name: str, is_key: bool = False) -> _Form:
    return _Form(what, re.compile(rf"(?:{looks})(?:[,; ]+(?:{looks}))*"), re.compile(name), is_key)


_FORMS: Final = (
    # https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
    _alone("an AppSync API's key", r"da\d-[a-z0-9]{20,}", is_key=True),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
    _alone("a database's id", rf"(?:db|cluster|prx)-{_MIXED}[A-Z0-9]{{20,}}"),
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_Service.html
    _alone("a Cloud Map id", rf"(?:ns|srv)-{_MIXED}[a-z0-9]{{16}}"),
    # https://docs.aws.amazon.com/directoryservice/latest/devguide/API_DirectoryDescription.html
    _alone("a directory's id", rf"d-{_MIXED}[0-9a-f]{{10}}"),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
    _called(
        "an API's id", "[a-z0-9]{10}", r"\b(?:\w*api|apis|\w*gateway|apigw|rest|http|websocket)\b.*\bids?$|apiids?$"
    ),
    # https://docs.aws.amazon.com/appsync/latest/APIReference/API_GraphqlApi.html and
    # https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
    _called("an AppSync or Cognito id", rf"{_MIXED}[a-z0-9]{{25,26}}", r"ids?$|\bclients?\b|appsync|graphql"),
    _called("a Cognito client's secret", r"(?=\w*\d)(?=\w*[g-z])[a-z0-9]{45,64}", r"\bclient secret$", is_key=True),
    # https://docs.aws.amazon.com/apigateway/latest/api/API_ApiKey.html
    _called(
        "an API's key", r"(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9]{40}", r"\bapi keys?$|apikeys?$", is_key=True
    ),
    # https://docs.aws.amazon.com/amplify/latest/APIReference/API_App.html
    _called("an Amplify app's id", "d[a-z0-9]{12,13}", r"\bamplify\b|\bapp ids?$"),
    # https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Application.html
    _called("an AppConfig id", rf"{_MIXED}[a-z0-9]{{7}}", r"\b(?:appconfig|app config)\b.*\bids?$"),
    # https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_Agent.html, .../API_Guardrail.html, and
    # https://docs.aws.amazon.com/lexv2/latest/APIReference/API_BotSummary.html
    _called(
        "a Bedrock or Lex id",
        rf"{_MIXED}[A-Z0-9]{{10}}|{_MIXED}[a-z0-9]{{12}}",
        r"\b(?:agent|knowledge base|kb|bedrock|guardrail|bot|flow|prompt|data source|alias)\b.*\b(?:ids?|identifier)$",
    ),
    # https://docs.aws.amazon.com/opensearch-service/latest/ServerlessAPIReference/API_CollectionDetail.html
    _called("a collection's id", rf"{_MIXED}[a-z0-9]{{16,24}}", r"\bcollections? ids?$"),
    # https://docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id.html
    _called("a Pinpoint project's id", "[0-9a-f]{32}", r"\bpinpoint\b.*\bids?$"),
    # https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionSummary.html
    _called("a distribution's id", rf"E{_MIXED}[A-Z0-9]{{8,}}", r"\b(?:distribution|cloudfront|cdn|cf|oai)\b.*\bids?$"),
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
    _called("a hosted zone's id", rf"Z{_MIXED}[A-Z0-9]{{9,}}", r"\bzones? ids?$"),
)


def reasons_of(name: str, text: str) -> list[str]:
    """Why the canonical text of a value that is so called is nothing in another region. Quotes nothing of it."""
    return sorted({form.why for form, _ in _found(name, text)})


def made_up_ids(value: Value, other: Value, name: str = "") -> dict[str, str]:
    """What a canonical value holds of such ids that `other` does not, and why each is nothing elsewhere.

    `name` is what both are called, where they are texts. A key is named by its kind alone.
    """
    theirs = {literal for _, literal in _inside(name, other)}
    told = [(form, literal) for form, literal in _inside(name, value) if literal not in theirs]
    return {form.what if form.is_key else literal: form.why for form, literal in told}


def _inside(name: str, value: Value) -> Iterator[tuple[_Form, str]]:
    if isinstance(value, str):
        yield from _found(name, value)
    elif isinstance(value, Mapping):
        own = value.get("Key", value.get("Name"))
        for member, inner in value.items():
            if member not in LABELS:
                # A tag can be a pair of members.
                yield from _inside(own if member == "Value" and isinstance(own, str) else str(member), inner)
    elif isinstance(value, list):
        for element in value:
            yield from _inside(name, element)


def _found(name: str, text: str) -> Iterator[tuple[_Form, str]]:
    words = " ".join(WORDS.findall(name)).lower()
    bare = SYMBOL.sub(" ", text).strip()
    for form in _FORMS:
        if form.name is None:
            yield from ((form, match[0]) for match in form.looks.finditer(bare))
        elif form.name.search(words) and form.looks.fullmatch(bare):
            yield form, bare
            return
