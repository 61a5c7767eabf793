"""The GitHub listener's code as one zip: Lambda's Python has boto3, and everything else is in here."""

from __future__ import annotations

import os
import tempfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from auditor.deploy.entry_time import EARLIEST
from auditor.errors import DeployError

BUNDLED: Final = (
    "auditor/__init__.py",
    "auditor/aws/__init__.py",
    "auditor/aws/errors.py",
    "auditor/deploy/__init__.py",
    "auditor/deploy/agent_hooks.py",
    "auditor/deploy/agent_install.py",
    "auditor/deploy/agent_keys.py",
    "auditor/deploy/agent_permissions.py",
    "auditor/deploy/appspec.py",
    "auditor/deploy/appspec_artifact.py",
    "auditor/deploy/appspec_checks.py",
    "auditor/deploy/appspec_placeholders.py",
    "auditor/deploy/appspec_reading.py",
    "auditor/deploy/appspec_rules.py",
    "auditor/deploy/appspec_server.py",
    "auditor/deploy/archive.py",
    "auditor/deploy/archive_tree.py",
    "auditor/deploy/artifact_tree.py",
    "auditor/deploy/completeness.py",
    "auditor/deploy/entry_time.py",
    "auditor/deploy/fanout.py",
    "auditor/deploy/functions/__init__.py",
    "auditor/deploy/functions/github_listener.py",
    "auditor/deploy/functions/push_ledger.py",
    "auditor/deploy/functions/push_order.py",
    "auditor/deploy/functions/rules.py",
    "auditor/deploy/functions/statuses.py",
    "auditor/deploy/functions/webhook.py",
    "auditor/deploy/github.py",
    "auditor/deploy/source_folder.py",
    "auditor/deploy/unpack.py",
    "auditor/errors.py",
    "auditor/nearest.py",
)
"""The modules, with whatever they import of this package; a test holds that. The handler is `HANDLER`."""
LIBRARY: Final = "ruamel.yaml"
"""What reads an AppSpec, which Lambda's Python has not."""
HANDLER: Final = "auditor.deploy.functions.github_listener.handler"
_ROOT: Final = Path(__file__).parents[2]


def bundle(target: Path) -> int:
    """Write the bundle whole, and tell its bytes. The same modules give the same bytes.

    Raises DeployError where it cannot be written; what was at `target` is then as it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return _replaced(target)
    except OSError as error:
        raise DeployError(
            f"{target} could not be written ({error.strerror}). Nothing of it was left behind. "
            "Choose another place for it."
        ) from None


def _replaced(target: Path) -> int:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as zipped:
            for path, content in {**{path: (_ROOT / path).read_bytes() for path in BUNDLED}, **_library()}.items():
                zipped.writestr(_entry(path), content, compresslevel=6)
        made.chmod(0o644)
        size = made.stat().st_size
        made.replace(target)
    except BaseException:
        made.unlink()
        raise
    return size


def _library() -> dict[str, bytes]:
    """The files of LIBRARY as it is installed here, by their place in the zip; it is all Python, with its licence."""
    installed = {one.as_posix(): one for one in distribution(LIBRARY).files or () if one.suffix == ".py"}
    licence = next(one for one in distribution(LIBRARY).files or () if one.name == "LICENSE")
    # `ruamel` is a package without a file of its own, which Python does not find in a zip.
    made = {"ruamel/__init__.py": b"", "ruamel/yaml/LICENSE": licence.read_binary()}
    return made | {name: installed[name].read_binary() for name in sorted(installed)}


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, EARLIEST)
    # Lambda runs as another user than whoever unpacked it, who must be able to read.
    entry.external_attr = 0o100644 << 16
    entry.create_system = 3
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
