"""botocore's descriptions of AWS (services, endpoints), read once for the process and shared by all its sessions.

A session of botocore's own reads and parses them anew, which costs more CPU than the calls of a small audit.
"""

from __future__ import annotations

from functools import cache

import boto3
from botocore.loaders import Loader, create_loader
from botocore.session import Session


def describing_session(profile: str = "") -> Session:
    """A new session of botocore, of a profile or the caller's own, that reads no description which another has read."""
    session = Session(profile=profile or None)
    # As botocore makes the loader of a session when it is first needed, but one for all.
    session.lazy_register_component("data_loader", lambda: _loader(session.get_config_variable("data_path")))
    return session


def own_session() -> boto3.Session:
    """A session of boto3 with the caller's own settings and credentials."""
    return boto3_session(describing_session())


def boto3_session(session: Session) -> boto3.Session:
    """A session of boto3 over one of botocore's."""
    made = boto3.Session(botocore_session=session)
    # Each session of boto3 adds its own folder to those that the loader searches, which is one for all.
    paths = session.get_component("data_loader").search_paths
    paths[:] = dict.fromkeys(paths)
    return made


@cache
def _loader(data_path: str | None) -> Loader:
    return create_loader(data_path)
