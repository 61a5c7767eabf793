"""Every reader of bytes from outside, by atheris: mutations that are led by which lines of the readers they reach.

    pip install atheris
    python -m bench.fuzz_atheris settings -max_total_time=60

The first argument is a reader, the others are libFuzzer's; without any, the readers are listed. A reader ends with a
value, or with an error that is raised on purpose; anything else is printed with the input that made it. atheris is no
part of the development's libraries: it has wheels for few platforms.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["auditor"]):
    from auditor.canonical.policy import canonical_policy
    from auditor.deploy.appspec import check_appspec, parse_appspec
    from auditor.deploy.artifact_tree import Tree, nothing
    from auditor.deploy.functions.codedeploy_trigger import arrived
    from auditor.deploy.functions.rules import Rule
    from auditor.deploy.functions.webhook import Request, shipments
    from auditor.errors import AuditorError
    from auditor.model.json_text import parse_json
    from auditor.plan.file import parse_plan
    from auditor.settings.yaml_file import parse_settings_text
    from auditor.store.site_file import site_of

_KEY: Final = b"k" * 32
_TREE: Final = Tree(("appspec.yml", "site/index.html", "scripts/start.sh"), {}, nothing)


def _text(content: bytes) -> str:
    return content.decode(errors="surrogateescape")


def _appspec(content: bytes) -> None:
    spec = parse_appspec("appspec.yml", content)
    check_appspec(spec, spec.platform, _TREE)


def _policy(content: bytes) -> None:
    with suppress(ValueError):
        canonical_policy(_text(content), str)


def _webhook(content: bytes) -> None:
    for event in ("push", "release"):
        shipments(Request({"x-github-event": event}, content), (Rule("o/r", "refs/heads/main", "shop", event),))


def _event(content: bytes) -> None:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        # What is no event of S3's or EventBridge's fails alone among its batch: the handler reports it.
        list(arrived(parse_json(content)))


READERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    "settings": lambda content: parse_settings_text(Path("auditor.yaml"), _text(content)),
    "plan": lambda content: parse_plan(_text(content), "plan.json", _KEY),
    "site": lambda content: site_of("us-east-1.json", content),
    "appspec": _appspec,
    "policy": _policy,
    "webhook": _webhook,
    "event": _event,
}


_S3: Final = {"bucket": {"name": "b"}, "object": {"key": "shop/app.zip", "versionId": "1", "eTag": "e"}}
_PUSH: Final = {
    "ref": "refs/heads/main", "before": "0" * 40, "after": "a" * 40, "deleted": False,
    "repository": {"full_name": "o/r", "pushed_at": 1796000000, "html_url": "https://github.com/o/r"},
    "action": "published", "release": {"tag_name": "v1", "prerelease": False, "published_at": "2026-11-29T00:00:00Z"},
}  # fmt: skip
SEEDS: Final[Mapping[str, bytes]] = {
    "settings": b"golden: us-east-1\nregions: [us-east-1, eu-west-1]\nexceptions:\n  - {type: 'AWS::*', reason: r}\n",
    "appspec": b"version: 0.0\nos: linux\nfiles:\n  - {source: site, destination: /srv}\n"
    b"permissions:\n  - {object: /srv, mode: '644', acls: ['u:a:rw']}\n"
    b"hooks:\n  AfterInstall:\n    - {location: scripts/start.sh, timeout: 60, runas: root}\n",
    "policy": b'{"Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"*"},"Action":["s3:Get*"],'
    b'"Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":"10"}}}]}',
    "webhook": json.dumps(_PUSH).encode(),
    "event": json.dumps({"Records": [{"eventTime": "2026-11-29T00:00:00Z", "s3": _S3}]}).encode(),
}
"""What the mutations of a reader begin with; nothing for those whose form is held to a seal."""


def _tried(reader: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def tried(content: bytes) -> None:
        with suppress(AuditorError):
            reader(content)

    return tried


def main() -> None:
    """Fuzz one reader until libFuzzer's own options end it, or until an input breaks it."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in READERS:
        sys.exit(f"Name a reader: {', '.join(READERS)}.")
    with tempfile.TemporaryDirectory() as corpus:
        Path(corpus, "seed").write_bytes(SEEDS.get(name, b"{}"))
        atheris.Setup([sys.argv[0], *sys.argv[2:], corpus], _tried(READERS[name]))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
