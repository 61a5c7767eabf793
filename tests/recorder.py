"""Keeps which calls the program makes while it is tested: what each use of it has to be granted at least.

It listens where botocore offers it to every session (`botocore.register_initializer`), and knows the program's own
calls by their user agent. Whoever runs the program says so (`using`); a program of its own is told by its arguments
(tests/recorded/sitecustomize.py). What is kept is one JSON object a line, each call once a process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import botocore

FOLDER = "TESTED_CALLS"
"""The variable with the folder that calls are kept in; without it none are."""
OURS = "auditor/"
USE_OF = {
    "accept": "audit",
    "apply": "reconcile",
    "audit": "audit",
    "deploy": "deploy",
    "diff": "audit",
    "history": "audit",
    "init": "audit",
    "plan": "reconcile",
    "reconcile": "reconcile",
    "release": "release",
    "report": "audit",
    # A run is one that reconciled, or one that shipped.
    "resume": "release",
    "rollback": "release",
    "snapshot": "audit",
}
"""The use that a command is; `release` is `reconcile` and `deploy`. The sandbox's own commands are none."""
# What tells which resource a call is about.
ABOUT = (
    "Arn", "Bucket", "CapacityProviderName", "CodeSigningConfigArn", "FunctionName", "Key", "LayerName", "Qualifier",
    "Resource", "ResourceArn", "RoleName", "StreamARN", "TableName", "UUID", "VersionNumber", "applicationName",
    "applicationNames", "currentDeploymentGroupName", "deploymentConfigName", "deploymentGroupName",
    "deploymentGroupNames", "instanceName", "instanceNames", "TopicArn", "RoleArn",
)  # fmt: skip

_use = ""
_known: set[str] = set()
_lock = threading.Lock()


def install() -> None:
    """Listen to every session that is made from now on."""
    botocore.register_initializer(_listen)


@contextmanager
def using(arguments):
    """The program runs with these arguments in this process."""
    global _use  # noqa: PLW0603 the program's threads belong to the run
    _use = use_of(arguments)
    try:
        yield
    finally:
        _use = ""


def run_by_itself() -> None:
    """This process is the program, if its command line is: listen then, until it ends."""
    global _use  # noqa: PLW0603 as above
    arguments = sys.orig_argv
    if os.environ.get(FOLDER) and arguments[1:3] == ["-m", "auditor"]:
        _use = use_of(arguments[3:])
        install()


def use_of(arguments) -> str:
    """The use that the program's arguments are; "" for none."""
    return next((USE_OF[one] for one in map(str, arguments[:1]) if one in USE_OF), "")


def _listen(session) -> None:
    session.register("provide-client-params", _asked)
    session.register("before-call", _called)


def _asked(params, context, **_) -> None:
    context["tested"] = {name: params[name] for name in ABOUT if name in params}


def _called(model, params, request_signer, context, **_) -> None:
    folder, agent = os.environ.get(FOLDER), str(params["headers"].get("User-Agent", ""))
    if folder and _use and agent.startswith(OURS):
        service = model.service_model.service_name
        credentials = request_signer._credentials
        account = credentials.access_key if credentials else ""
        _keep(
            folder,
            {
                "use": _use,
                "service": service,
                "operation": model.name,
                "region": request_signer.region_name,
                "account": account if account.isdigit() else "",
                "asked": context.get("tested", {}),
            },
        )


def _keep(folder, told) -> None:
    # Another account or name of the same kind says nothing new: of each ARN's form, once.
    line = json.dumps(told, sort_keys=True, default=str)
    key = json.dumps([told["use"], told["service"], told["operation"], told["region"], sorted(told["asked"])])
    with _lock:
        if key in _known:
            return
        _known.add(key)
        with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
