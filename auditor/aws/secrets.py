"""Reads secrets of Secrets Manager, by the caller's own credentials."""

from __future__ import annotations

import os
from typing import Final

from auditor.aws.answers import parsing, refuse_foreign_answers, refuse_lacking
from auditor.aws.descriptions import own_session
from auditor.aws.errors import AWS_ERRORS, code_of, refusing_settings
from auditor.aws.sessions import CONFIG
from auditor.errors import SettingsError
from auditor.specs.spec import Call

_READ: Final = Call("GetSecretValue", always=("ARN", "VersionId"))
_REGION: Final = 3
"""Where an ARN says its region."""


def secret_text(name: str) -> str:
    """What a secret holds, by its name (in the caller's region) or by its ARN (in the ARN's).

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    Raises SettingsError where it cannot be read, or is bytes.
    """
    region = name.split(":")[_REGION] if name.startswith("arn:") else os.environ.get("AWS_REGION")
    with refusing_settings():
        client = refuse_foreign_answers(own_session().client("secretsmanager", region_name=region, config=CONFIG))
    try:
        with parsing("GetSecretValue"):
            answer = client.get_secret_value(SecretId=name)
        refuse_lacking(client, _READ, answer)
        return str(answer["SecretString"])
    except AWS_ERRORS as error:
        raise _unreadable(name, code_of(error)) from None
    except KeyError:
        raise _unreadable(name, "it is bytes, and text is needed") from None


def _unreadable(name: str, why: str) -> SettingsError:
    return SettingsError(
        f"The secret {name} could not be read ({why}). Nothing was audited. Check that it has a value, and that the "
        "role of whoever runs this may call secretsmanager:GetSecretValue on it."
    )
