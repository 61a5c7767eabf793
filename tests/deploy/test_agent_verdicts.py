"""What CodeDeploy's agent does with an AppSpec and its artifact is told before anything is uploaded.

Each row was tried on the agent (1.8.1 on Ruby 3.1), or is read off its code, https://github.com/aws/aws-codedeploy-agent:
what it fails with is refused, what it ignores is a warning, and everything else is taken.
"""

from __future__ import annotations

import pytest

from auditor.deploy.appspec import check_appspec, parse_appspec
from auditor.deploy.artifact_tree import Tree
from auditor.errors import ArtifactError

FILES = {
    "appspec.yml": b"",
    "site/index.html": b"<p>",
    "site/css/a.css": b"",
    "a/conf.yml": b"",
    "b/conf.yml": b"",
    "index.html": b"",
    "scripts/start.sh": b"#!/bin/sh\ntrue\n",
    "scripts/stop.sh": b"true\r\n",
    "scripts/windows.sh": b"#!/bin/sh\r\ntrue\r\n",
    "scripts/my start.sh": b"#!/bin/sh\n",
    "scripts/a&b.sh": b"#!/bin/sh\n",
    "scripts/a(1).sh": b"#!/bin/sh\n",
}
LINKS = {
    "current": "site",
    "dangling": "nothing",
    "scripts/alias.sh": "start.sh",
    "up/again": "..",
}
TOP = "version: 0.0\nos: linux\n"


def files(*pairs, more=""):
    """The section 'files' of source and destination."""
    return TOP + "files:\n" + "".join(f"  - source: {one}\n    destination: {other}\n" for one, other in pairs) + more


def permission(entry, more=""):
    """The whole site in /srv, with these permissions."""
    return files(("/site", "/srv")) + f"permissions:\n  - {entry}\n" + (f"  - {more}\n" if more else "")


def hook(script, event="AfterInstall"):
    return TOP + f"hooks:\n  {event}:\n    - {script}\n"


def verdict(text, name="appspec.yml"):
    """What is refused, or else what is warned of, or else nothing."""
    tree = Tree(frozenset(FILES) | frozenset(LINKS), LINKS, lambda path: FILES.get(path, b"")[:512])
    try:
        spec = parse_appspec(name, text.encode())
        return [f"warning: {one}" for one in check_appspec(spec, "Server", tree)]
    except ArtifactError as error:
        return str(error).splitlines()[:-1]


REFUSED = {
    # YAML, as the agent's Ruby reads it.
    "an alias": (TOP + "x: &a 1\ny: *a\n", "the agent takes no alias"),
    "a merge": (TOP + "x: &a {b: 1}\ny: {<<: *a}\n", "the agent takes no alias"),
    "a date": (hook("{location: scripts/start.sh, runas: 2024-01-01}"), "the agent takes no date"),
    "a symbol": (hook("location: scripts/start.sh\n      runas: :web"), "for a symbol"),
    "a byte order mark": ("\ufeff" + TOP, "byte order mark"),
    # Two sources for one destination.
    "the tree, and a folder of it in the same place": (
        files(("/", "/srv"), ("site", "/srv/site")), "would both become /srv/site/css/a.css",
    ),
    "one file twice": (files(("index.html", "/srv"), ("index.html", "/srv/")), "would both become /srv/index.html"),
    "two files of one name": (files(("a/conf.yml", "/etc/x"), ("b/conf.yml", "/etc/x")), "become /etc/x/conf.yml"),
    "a file where another source makes a folder": (
        files(("site", "/srv/index.html"), ("index.html", "/srv")), "/srv/index.html, which is a folder",
    ),
    "a folder where another source makes a file": (
        files(("index.html", "/srv"), ("site", "/srv/index.html")), "would be a folder",
    ),
    # Permissions.
    "a file and the folder that it is in": (
        permission("{object: /srv, mode: 644}", "{object: /srv/index.html, mode: 600}"), "from permissions/0 already",
    ),
    "two patterns for one file": (
        permission("{object: /srv, pattern: '*.html', mode: 644}", "{object: /srv, pattern: 'i*', mode: 600}"),
        "/srv/index.html has its permissions",
    ),
    "a pattern for one file": (permission("{object: /srv/index.html, pattern: '*', mode: 644}"), "are for folders"),
    "an exception for one file": (permission("{object: /srv/index.html, except: [a], mode: 644}"), "are for folders"),
    "an owner by number": (permission("{object: /srv, owner: 1000}"), "expected a name"),
    "root by number": (permission("{object: /srv, owner: 0}"), "expected a name"),
    "a group by number in quotes": (permission("{object: /srv, group: '0'}"), "expected a name"),
    "an unknown letter of an ACL": (permission("{object: /srv, acls: ['u:root:rwq']}"), "r, w, x and -"),
    "an ACL without a name": (permission("{object: /srv, acls: [rw]}"), "expected an ACL entry"),
    "an ACL of the owner": (permission("{object: /srv, acls: ['u::rw']}"), "is said by 'mode'"),
    "a mask with a name": (permission("{object: /srv, acls: ['m:root:rw']}"), "'mask' takes no name"),
    "others with a name": (permission("{object: /srv, acls: ['other:root:rw']}"), "'other' takes no name"),
    "a default of a default": (permission("{object: /srv, acls: ['d:d:root:rw']}"), "expected an ACL entry"),
    "an ACL of too many parts": (permission("{object: /srv, acls: ['d:u:a:b:rw']}"), "expected an ACL entry"),
    "a default ACL on a file": (permission("{object: /srv, acls: ['d:u:root:rw']}"), "for folders only"),
    "a context without a range": (permission("{object: /srv, context: {type: t}}"), "expected a range"),
    "a range that is none": (permission("{object: /srv, context: {type: t, range: bogus}}"), "expected a range"),
    "a range that falls": (permission("{object: /srv, context: {type: t, range: s3-s1}}"), "expected a range"),
    "a category beyond the last": (permission("{object: /srv, context: {type: t, range: 's0:c1024'}}"), "categories"),
    "a category twice": (permission("{object: /srv, context: {type: t, range: 's0:c0.c5,c3'}}"), "in it twice"),
    "a mode of five digits": (permission("{object: /srv, mode: '00644'}"), "one to four octal digits"),
    "a type that is text": (permission("{object: /srv, type: file}"), "expected a list"),
    # Scripts.
    "a script with a blank in its name": (hook("location: scripts/my start.sh"), "gives the path to a shell"),
    "a script with an ampersand": (hook("location: scripts/a&b.sh"), "gives the path to a shell"),
    "a script with parentheses": (hook("location: scripts/a(1).sh"), "gives the path to a shell"),
    "a first line that ends as on Windows": (hook("location: scripts/windows.sh"), "save it with LF"),
    "a script that is a dangling link": (hook("location: dangling"), "expected the path of a file"),
    "a script below a link that has it not": (hook("location: current/start.sh"), "expected the path of a file"),
    "a way through a folder that is not there": (hook("location: nodir/../scripts/start.sh"), "the path of a file"),
    "a script without a place": (hook("location:"), "location"),
    "a script that is only a name": (hook("scripts/start.sh"), "expected keys with values"),
    # Sources and destinations.
    "a file with a slash at its end": (files(("index.html/", "/srv")), "expected the path of a file or folder"),
    "a source that dangles": (files(("dangling", "/srv")), "expected the path of a file or folder"),
    "a destination that leads up": (files(("site", "/srv/../etc")), "without '..'"),
    "a source without a destination": (files(("site", "")), "destination"),
    "a link to a folder that it is in": (files(("/", "/srv")), "would copy that without end"),
    # Slips, and known names in the wrong place.
    "a section that is nearly right": (TOP + "file:\n", "did you mean files"),
    "an event at the top": (TOP + "ApplicationStart:\n", "unknown key"),
    "an event that is nearly right": (hook("location: scripts/start.sh", "AplicationStart"), "did you mean"),
    "a setting of the top in an entry": (
        files(("site", "/srv"), more="    file_exists_behavior: OVERWRITE\n"), "unknown key",
    ),
}  # fmt: skip

IGNORED = {
    "overwrite": (files(("site", "/srv"), more="    overwrite: yes\n"), "say file_exists_behavior at the top"),
    "a description": (files(("site", "/srv"), more="    description: the site\n"), "files/0/description"),
    "recursive": (files(("site", "/srv"), more="    recursive: true\n"), "files/0/recursive"),
    "a section of somebody's own": (TOP + "metadata: {team: shop}\n", "metadata: the agent ignores it"),
    "an event of another tool": (hook("location: scripts/start.sh", "Smoke"), "no such event"),
    "the user of a context as AWS documents it": (
        permission("{object: /srv, context: {user: system_u, type: t, range: s0}}"), "it reads the user from 'name'",
    ),
}  # fmt: skip

TAKEN = {
    "values that are empty": TOP + "files:\npermissions:\nhooks:\nfile_exists_behavior:\n",
    "settings of a script that are empty": hook("{location: scripts/start.sh, runas: , timeout: }"),
    "settings of permissions that are empty": permission("{object: /srv, mode: , pattern: , owner: , acls: }"),
    "a blank behind a script's name": hook("location: 'scripts/start.sh '"),
    "seconds with their unit": hook("{location: scripts/start.sh, timeout: 60s}"),
    "seconds in quotes": hook("{location: scripts/start.sh, timeout: '60'}"),
    "a script that is a link": hook("location: scripts/alias.sh"),
    "a script without a first line of its own": hook("location: scripts/stop.sh"),
    "a folder that is a link": files(("current", "/srv")),
    "a file below a folder that is a link": files(("current/index.html", "/srv")),
    "two folders into one": files(("a", "/srv/a"), ("site", "/srv")),
    "folders and files apart": permission(
        "{object: /srv, pattern: '*.html', type: [file], mode: 644}", "{object: /srv, type: [directory], mode: 755}"
    ),
    "permissions of what is not in the artifact": permission("{object: /var/log/shop, owner: web}"),
    "a default ACL on folders": permission("{object: /srv, acls: ['d:u:web:rwx'], type: [directory]}"),
    "ACLs in each form": permission("{object: /srv, acls: ['u:web:rw-', 'group:web:5', 'm::rwx', 'web:r']}"),
    "a range with categories": permission("{object: /srv, context: {name: u, type: t, range: 's0-s3:c0.c5,c9'}}"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_the_agent_fails_with_is_refused(text, why):
    found = verdict(text)

    assert [one for one in found if why in one and not one.startswith("warning")], found


@pytest.mark.parametrize(("text", "why"), IGNORED.values(), ids=IGNORED)
def test_what_the_agent_ignores_is_a_warning(text, why):
    found = verdict(text)

    assert [one for one in found if why in one] == found != []
    assert found[0].startswith("warning: appspec.yml:")


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_what_the_agent_takes_is_taken(text):
    assert verdict(text) == []


@pytest.mark.parametrize("name", ["appspec.yaml", "appspec.json"])
def test_the_agent_looks_for_one_name_only(name):
    text = TOP if name.endswith("yaml") else '{"version": 0.0, "os": "linux"}'

    assert [one.partition(": ")[2] for one in verdict(text, name)] == [
        "the agent on servers looks for appspec.yml only; name the file so."
        if name.endswith("yaml")
        else "the agent on servers reads YAML only; name the file appspec.yml."
    ]
