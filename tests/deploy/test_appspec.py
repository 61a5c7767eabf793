"""What CodeDeploy would refuse of an AppSpec is told before anything is uploaded, with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from auditor.deploy.appspec import AppSpec, appspec_content, check_appspec, localised, parse_appspec, with_versions
from auditor.deploy.artifact_tree import Tree, nothing
from auditor.errors import ArtifactError

NAMES = frozenset({"appspec.yml", "site/index.html", "scripts/start.sh", "scripts/stop.sh"})
SERVER = """\
version: 0.0
os: linux
files:
  - source: /site
    destination: /srv/shop
file_exists_behavior: OVERWRITE
permissions:
  - object: /srv/shop
    pattern: "*.html"
    except: [index.html]
    owner: shop
    group: web
    mode: 644
    acls: ["u:shop:rw"]
    context: {name: system_u, type: httpd_sys_content_t, range: s0}
    type: [file]
hooks:
  ApplicationStop:
    - location: scripts/stop.sh
      timeout: 60
      runas: root
  ApplicationStart:
    - location: scripts/start.sh
      timeout: 3000
    - location: scripts/start.sh
      timeout: 600
"""
LAMBDA = """\
version: 0.0
Resources:
  - shop:
      Type: AWS::Lambda::Function
      Properties:
        Name: shop
        Alias: live
        CurrentVersion: "3"
        TargetVersion: "4"
Hooks:
  - BeforeAllowTraffic: arn:aws:lambda:${region}:${account}:function:check
  - AfterAllowTraffic: check
"""
ECS = """\
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: arn:aws:ecs:${region}:${account}:task-definition/web:1
        LoadBalancerInfo:
          ContainerName: web
          ContainerPort: 80
        PlatformVersion: LATEST
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: [subnet-1]
            SecurityGroups: [sg-1]
            AssignPublicIp: DISABLED
        CapacityProviderStrategy:
          - Base: 1
            CapacityProvider: FARGATE
            Weight: 1
Hooks:
  - BeforeInstall: check
  - AfterInstall: check
  - AfterAllowTestTraffic: check
  - BeforeAllowTraffic: check
  - AfterAllowTraffic: check
"""
DOCUMENTATION = "https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html"


def parsed(text, name="appspec.yml"):
    return parse_appspec(name, text.encode())


def refused(text, name="appspec.yml"):
    """What is said of a file that cannot be parsed, without what to do next."""
    with pytest.raises(ArtifactError) as caught:
        parse_appspec(name, text if isinstance(text, bytes) else text.encode())
    return str(caught.value).splitlines()[:-1]


def problems(text, name="appspec.yml", names=NAMES, links=None, head=nothing):
    """What is said of a file that CodeDeploy would refuse, without what to do next."""
    try:
        spec = parsed(text, name)
        check_appspec(spec, spec.platform, Tree(names, links or {}, head))
    except ArtifactError as error:
        return str(error).splitlines()[:-1]
    return []


def changed(text, old, new):
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(("text", "platform"), [(SERVER, "Server"), (LAMBDA, "Lambda"), (ECS, "ECS")])
def test_the_content_tells_the_platform(text, platform):
    assert parsed(text).platform == platform


@pytest.mark.parametrize("text", [SERVER, LAMBDA, ECS], ids=["Server", "Lambda", "ECS"])
def test_what_the_documentation_allows_is_taken(text):
    assert problems(text) == []


@pytest.mark.parametrize("text", [LAMBDA, ECS], ids=["Lambda", "ECS"])
def test_json_is_taken_for_functions_and_services(text):
    assert problems(json.dumps(parsed(text).content), "appspec.json") == []


def test_yaml_and_json_give_the_same_content():
    assert parsed(json.dumps(parsed(ECS).content), "appspec.json").content == parsed(ECS).content


def test_a_parsed_file_keeps_its_text():
    assert parsed(SERVER).text == SERVER


def test_a_byte_order_mark_is_no_content():
    text = json.dumps(parsed(LAMBDA).content)

    assert parsed("\ufeff" + text, "appspec.json").content == parsed(LAMBDA).content


def test_the_spelling_without_capitals_of_some_pages_is_taken():
    text = "version: 0.0\nresources:\n- shop: {type: AWS::Lambda::Function, properties: {name: shop, alias: live}}\n"

    assert parsed(text).content == {
        "version": 0.0,
        "Resources": [{"shop": {"Type": "AWS::Lambda::Function", "Properties": {"Name": "shop", "Alias": "live"}}}],
    }


def test_a_name_that_the_author_chose_keeps_its_spelling():
    assert list(parsed(changed(LAMBDA, "- shop:", "- alias:")).content["Resources"][0]) == ["alias"]


def test_a_merge_key_brings_what_is_not_there():
    text = "Resources: [{a: {Type: 'AWS::ECS::Service'}}]\nx: &x {timeout: 5, runas: root}\ny: {<<: *x, timeout: 6}\n"

    assert parsed(text).content["y"] == {"timeout": 6, "runas": "root"}


def test_a_merge_key_within_what_is_merged_is_followed():
    text = (
        "Resources: [{a: {Type: 'AWS::ECS::Service'}}]\nx: &x {timeout: 5}\ny: &y {<<: *x, runas: root}\nz: {<<: *y}\n"
    )

    assert parsed(text).content["z"] == {"timeout": 5, "runas": "root"}


def test_an_anchor_may_be_used_again():
    assert parsed("Resources: [{a: {Type: 'AWS::ECS::Service'}}]\nx: &a 1\ny: *a\n").content["y"] == 1


def test_hooks_alone_tell_a_server():
    assert parsed("version: 0.0\nhooks:\n  AfterInstall:\n").platform == "Server"


@pytest.mark.parametrize("text", ["yes", "on", "true", "True"])
def test_a_truth_value_is_one_as_aws_reads_yaml(text):
    assert parsed(f"os: {text}\n").content["os"] is True


def test_a_day_stays_a_text():
    assert parsed("Resources: [{a: {Type: 'AWS::ECS::Service'}}]\nday: 2024-01-02\n").content["day"] == "2024-01-02"


UNREADABLE = {
    "a list that does not end": (
        "a: [", "appspec.yml:1: it is not YAML (expected the node content, but found '<stream end>').",
    ),
    "two documents": ("a: 1\n---\nb: 2\n", "appspec.yml:2: it is not YAML (but found another document)."),
    "not UTF-8": (b"os: \xff", "appspec.yml: expected UTF-8 text."),
    "empty": ("", "appspec.yml:1: expected keys with values ('version: 0.0')."),
    "a list": ("- os: linux\n", "appspec.yml:1: expected keys with values ('version: 0.0')."),
    "for nothing": ("version: 0.0\n", "appspec.yml: expected 'os' (for servers) or 'Resources' (for Lambda and ECS)."),
    "no resource": (
        "Resources: []\n",
        "appspec.yml: Resources: expected a list with one resource of Type AWS::Lambda::Function or AWS::ECS::Service.",
    ),
    "a key twice": ("os: linux\nos: windows\n", "appspec.yml:2: the key 'os' is written twice."),
    "a key twice, within": ("os: linux\nhooks:\n  a: 1\n  a: 2\n", "appspec.yml:4: the key 'a' is written twice."),
    "a key twice, once in capitals": (
        "Resources: []\nresources: []\n",
        "appspec.yml: the key 'Resources' is written twice, in capitals and without.",
    ),
    "a key that is a list": ("os: linux\n? [a]\n: b\n", "appspec.yml:2: expected text as a key."),
    "an octal number": (
        "os: linux\nmode: 0644\n",
        "appspec.yml:2: '0644' means different things in different YAML: put it in quotation marks.",
    ),
    "a number of minutes": (
        "os: linux\ntime: 1:30\n",
        "appspec.yml:2: '1:30' means different things in different YAML: put it in quotation marks.",
    ),
    "a tag of its own": ("os: linux\nx: !Ref {a: 1}\n", "appspec.yml:2: expected a value without a tag, found '!Ref'."),
    "a YAML of the future": (
        "%YAML 1.3\n---\nos: linux\n",
        "appspec.yml: it is not YAML (version minor part can only be 2 or 1, got (1, 3)).",
    ),
    "it refers to itself": ("a: &a [*a]\n", "appspec.yml: it is nested too deeply, or refers to itself."),
    "nested without end": ("[" * 100_000, "appspec.yml: it is nested too deeply, or refers to itself."),
    "too long": (" " * 262_145, "appspec.yml: expected 262144 bytes at most, found 262145."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_appspec_is_refused(text, why):
    assert refused(text) == [why]


UNREADABLE_JSON = {
    "cut off": ("{", "appspec.json:1: it is not JSON (Expecting property name enclosed in double quotes)."),
    "a key twice": ('{"os": "linux", "os": "windows"}', "appspec.json: the key 'os' is written twice."),
    "no number": ('{"version": NaN}', "appspec.json: NaN is no number of JSON."),
    "too large a number": ('{"version": 1e999}', "appspec.json: 1e999 is no number of JSON."),
    "nested without end": ("[" * 100_000, "appspec.json: it is nested too deeply, or refers to itself."),
}


@pytest.mark.parametrize(("text", "why"), UNREADABLE_JSON.values(), ids=UNREADABLE_JSON.keys())
def test_what_is_no_appspec_in_json_is_refused(text, why):
    assert refused(text, "appspec.json") == [why]


def test_aliases_of_aliases_are_harmless():
    text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{letter}: &{letter} [{', '.join(['*' + earlier] * 10)}]\n"
        for earlier, letter in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert refused(text) == ["appspec.yml: it holds more than 100000 values, or a number that is too long."]


def test_a_refusal_says_what_was_not_done_and_what_to_do_next():
    with pytest.raises(ArtifactError) as caught:
        parsed("a: [")

    assert str(caught.value).splitlines()[-1] == f"Nothing was uploaded. Correct appspec.yml: {DOCUMENTATION}"


def test_a_key_of_control_characters_reaches_no_terminal():
    assert refused('os: linux\n"\\e[2J": 1\n"\\e[2J": 2\n') == ["appspec.yml:3: the key '\\x1b[2J' is written twice."]


@given(st.binary(max_size=60), st.sampled_from(["appspec.yml", "appspec.json"]))
def test_whatever_is_in_a_file_is_parsed_or_refused(content, name):
    try:
        parse_appspec(name, content)
    except ArtifactError as error:
        assert name in str(error)  # noqa: PT017 either is right


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([SERVER, LAMBDA, ECS]), VALUES, st.data())
def test_whatever_value_is_somewhere_is_taken_or_refused(text, value, data):
    spec = parsed(text)
    content = json.loads(json.dumps(spec.content))
    at = content
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not (isinstance(at[key], dict | list) and at[key] and data.draw(st.booleans())):
            break
        at = at[key]
    at[key] = value
    try:
        check_appspec(AppSpec(spec.name, spec.platform, content, ""), spec.platform, Tree(NAMES))
    except ArtifactError as error:
        assert "Nothing was uploaded." in str(error)  # noqa: PT017 either is right


def test_another_platform_is_refused():
    with pytest.raises(ArtifactError) as caught:
        check_appspec(parsed(SERVER), "Lambda", Tree(NAMES))

    assert str(caught.value).splitlines()[0] == (
        "appspec.yml: the application's compute platform is Lambda, and appspec.yml is for Server."
    )


def test_all_problems_are_told_at_once():
    text = changed(changed(SERVER, "os: linux", "os: plan9"), "destination: /srv/shop", "destination: shop")

    assert problems(text) == [
        "appspec.yml:2: os: expected linux or windows, found 'plan9'.",
        "appspec.yml:5: files/0/destination: expected a full path (/folder), found 'shop'.",
    ]


def test_servers_read_no_json():
    assert problems(json.dumps(parsed(SERVER).content), "appspec.json") == [
        "appspec.json:1: the agent on servers reads YAML only; name the file appspec.yml."
    ]


SCRIPT = "19: hooks/ApplicationStop/0/location: expected the path of a file of the artifact"
EVENTS = (
    "ApplicationStop, BeforeInstall, AfterInstall, ApplicationStart, ValidateService, BeforeBlockTraffic, "
    "AfterBlockTraffic, BeforeAllowTraffic, AfterAllowTraffic"
)
# What stands in the file, what in its place, and what is said of it.
OF_SERVERS = {
    "another version": ("version: 0.0", "version: 1.0", "1: version: expected 0.0, not in quotes, found 1.0"),
    "a version in quotes": ("version: 0.0", "version: '0.0'", "1: version: expected 0.0, not in quotes, found '0.0'"),
    "no version": ("version: 0.0", "", "2: expected the key 'version', which is missing"),
    "an unknown key": (
        "\nhooks:",
        "\nhook:",
        ("17: hook: unknown key (did you mean hooks?); expected one of version, os, files, file_exists_behavior, "
        "permissions, hooks"),
    ),
    "another behaviour": (
        "OVERWRITE", "REPLACE",
        "6: file_exists_behavior: expected DISALLOW or OVERWRITE or RETAIN, found 'REPLACE'",
    ),
    "a source that is not there": (
        "source: /site", "source: /page",
        "4: files/0/source: expected the path of a file or folder of the artifact, found '/page'",
    ),
    "the beginning of a name": (
        "source: /site", "source: /sit",
        "4: files/0/source: expected the path of a file or folder of the artifact, found '/sit'",
    ),
    "no destination": (
        "\n    destination: /srv/shop", "", "4: files/0: expected the key 'destination', which is missing",
    ),
    "files that are no list": (
        "\n  - source: /site\n    destination: /srv/shop", " /site", "3: files: expected a list, found '/site'",
    ),
    "no digits of a mode": (
        "mode: 644", "mode: 888", "13: permissions/0/mode: expected one to four octal digits, found 888",
    ),
    "another type": (
        "type: [file]", "type: [link]", "16: permissions/0/type/0: expected file or directory, found 'link'",
    ),
    "a context without its type": (
        ", type: httpd_sys_content_t", "",
        ("15: permissions/0/context: expected a type, and no other keys but name and range, found {'name': 'system_u', "
        "'range': 's0'}"),
    ),
    "permissions of nothing": (
        "object: /srv/shop\n    pattern", "pattern",
        "8: permissions/0: expected the key 'object', which is missing",
    ),
    "an event of CodeDeploy's own": (
        "  ApplicationStop:", "  Install:",
        "18: hooks/Install: nothing can be run at this event: CodeDeploy keeps it for itself",
    ),
    "an unknown event": (
        "  ApplicationStop:", "  ApplicationStopp:",
        f"18: hooks/ApplicationStopp: no such event on Server (did you mean ApplicationStop?); expected {EVENTS}",
    ),
    "a script that is not there": (
        "location: scripts/stop.sh", "location: stop.sh",
        f"{SCRIPT}, found 'stop.sh' (did you mean scripts/stop.sh?)",
    ),
    "a folder as a script": (
        "location: scripts/stop.sh", "location: scripts",
        f"{SCRIPT}, found 'scripts' (did you mean scripts/stop.sh?)",
    ),
    "no time": (
        "timeout: 60\n", "timeout: 0\n",
        "20: hooks/ApplicationStop/0/timeout: expected whole seconds, 1 to 3600, found 0",
    ),
    "too much time": (
        "timeout: 60\n", "timeout: 3601\n",
        "20: hooks/ApplicationStop/0/timeout: expected whole seconds, 1 to 3600, found 3601",
    ),
    "too much time together": (
        "timeout: 600", "timeout: 601",
        "22: hooks/ApplicationStart: expected timeouts of 3600 seconds together at most, found 3601",
    ),
    "nobody to run as": ("runas: root", "runas: ''", "21: hooks/ApplicationStop/0/runas: expected text, found ''"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "why"), OF_SERVERS.values(), ids=OF_SERVERS.keys())
def test_what_the_agent_would_refuse_is_told_with_its_line(old, new, why):
    found = problems(changed(SERVER, old, new))

    assert [one.removeprefix("appspec.yml:").removesuffix(".") for one in found][:1] == [why]


@pytest.mark.parametrize("event", ["DownloadBundle", "Install", "BlockTraffic", "AllowTraffic", "Start", "End"])
def test_no_script_can_be_run_at_what_codedeploy_does_itself(event):
    text = f"version: 0.0\nos: linux\nhooks:\n  {event}:\n    - location: scripts/stop.sh\n"

    assert problems(text) == [
        f"appspec.yml:4: hooks/{event}: nothing can be run at this event: CodeDeploy keeps it for itself."
    ]


@pytest.mark.parametrize("source", ["/", ".", "/site", "site/", "./site", "/site/index.html", "scripts"])
def test_a_source_may_be_a_file_a_folder_or_the_whole_tree(source):
    assert problems(changed(SERVER, "source: /site", f"source: {source}")) == []


def test_what_is_beneath_a_link_is_looked_for_where_it_leads():
    text = changed(SERVER, "source: /site", "source: current/index.html")

    assert problems(text, names={*NAMES, "current"}, links={"current": "site"}) == []


WINDOWS = """\
version: 0.0
os: windows
files:
  - source: \\Site\\index.html
    destination: c:\\shop
hooks:
  BeforeInstall:
    - location: \\scripts\\start.sh
"""


def test_windows_has_backslashes_and_no_case():
    assert problems(WINDOWS) == []


@pytest.mark.parametrize("destination", ["\\\\server\\share\\shop", "//server/share", "\\"])
def test_windows_has_folders_of_other_servers(destination):
    assert problems(changed(WINDOWS, "c:\\shop", destination)) == []


@pytest.mark.parametrize("path", ["~/shop", "~shop/www", "~"])
def test_an_object_is_in_nobodys_home(path):
    assert problems(changed(SERVER, "object: /srv/shop", f'object: "{path}"'))[0] == (
        f"appspec.yml:8: permissions/0/object: expected a full path (/folder), for ~ is what the server says, found "
        f"{path!r}."
    )


def test_linux_has_no_backslashes():
    assert problems(changed(SERVER, "location: scripts/stop.sh", "location: scripts\\stop.sh")) == [
        (
            "appspec.yml:19: hooks/ApplicationStop/0/location: expected the path of a file of the artifact, found "
            "'scripts\\\\stop.sh' (did you mean scripts/stop.sh?)."
        )
    ]


def test_windows_has_no_permissions():
    assert problems(WINDOWS + "permissions:\n  - object: c:\\shop\n") == [
        "appspec.yml:9: permissions: expected nothing: it is for linux only, found [{'object': 'c:\\\\shop'}]."
    ]


def test_windows_runs_as_nobody_else():
    assert problems(WINDOWS + "      runas: root\n") == [
        "appspec.yml:9: hooks/BeforeInstall/0/runas: expected nothing: it is for linux only, found 'root'."
    ]


@pytest.mark.parametrize("section", ["files", "permissions", "hooks"])
def test_a_section_of_a_server_may_be_empty(section):
    assert problems(f"version: 0.0\nos: linux\n{section}:\n") == []


@pytest.mark.parametrize("hooks", ["ApplicationStop:", "ApplicationStop: []"])
def test_an_event_may_have_no_scripts(hooks):
    assert problems(f"version: 0.0\nos: linux\nhooks:\n  {hooks}\n") == []


OF_FUNCTIONS = {
    "no alias": (
        "        Alias: live\n", "", "5: Resources/0/shop/Properties: expected the key 'Alias', which is missing",
    ),
    "an unknown property": (
        "TargetVersion:", "Target:",
        ("9: Resources/0/shop/Properties/Target: unknown key (did you mean TargetVersion?); expected one of Name, "
        "Alias, CurrentVersion, TargetVersion"),
    ),
    "no number of a version": (
        'TargetVersion: "4"', "TargetVersion: $LATEST",
        "9: Resources/0/shop/Properties/TargetVersion: expected the number of a version, found '$LATEST'",
    ),
    "two functions": (
        "Hooks:", "  - more: {Type: AWS::Lambda::Function}\nHooks:",
        "2: Resources: expected a list of exactly one AWS::Lambda::Function",
    ),
    "an event of servers": (
        "BeforeAllowTraffic:", "BeforeInstall:",
        "11: Hooks/0/BeforeInstall: no such event on Lambda; expected BeforeAllowTraffic, AfterAllowTraffic",
    ),
    "an event of CodeDeploy's own": (
        "BeforeAllowTraffic:", "AllowTraffic:",
        "11: Hooks/0/AllowTraffic: nothing can be run at this event: CodeDeploy keeps it for itself",
    ),
    "no function": (
        "AfterAllowTraffic: check", "AfterAllowTraffic: [check]",
        "12: Hooks/1/AfterAllowTraffic: expected the name or ARN of a Lambda function, found ['check']",
    ),
    "another version": ("version: 0.0", "version: 1.0", "1: version: expected 0.0, found 1.0"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "why"), OF_FUNCTIONS.values(), ids=OF_FUNCTIONS.keys())
def test_what_codedeploy_would_refuse_of_a_function_is_told(old, new, why):
    assert problems(changed(LAMBDA, old, new)) == [f"appspec.yml:{why}."]


def test_the_versions_of_a_function_may_be_absent():
    assert problems(changed(LAMBDA, '        CurrentVersion: "3"\n        TargetVersion: "4"\n', "")) == []


OF_SERVICES = {
    "no task definition's ARN": (
        "arn:aws:ecs:${region}:${account}:task-definition/web:1", "web",
        "6: Resources/0/TargetService/Properties/TaskDefinition: expected a task definition's ARN, found 'web'",
    ),
    "another name": ("- TargetService:", "- Web:", "3: Resources/0/Web: expected the name TargetService"),
    "no load balancer": (
        "        LoadBalancerInfo:\n          ContainerName: web\n          ContainerPort: 80\n", "",
        "5: Resources/0/TargetService/Properties: expected the key 'LoadBalancerInfo', which is missing",
    ),
    "no port": (
        "ContainerPort: 80", "ContainerPort: web",
        ("9: Resources/0/TargetService/Properties/LoadBalancerInfo/ContainerPort: expected a port, not in quotes, "
        "found 'web'"),
    ),
    "half a network": (
        "            SecurityGroups: [sg-1]\n", "",
        ("12: Resources/0/TargetService/Properties/NetworkConfiguration/AwsvpcConfiguration: expected the key "
        "'SecurityGroups', which is missing"),
    ),
    "an unknown address": (
        "AssignPublicIp: DISABLED", "AssignPublicIp: ON-DEMAND",
        ("15: Resources/0/TargetService/Properties/NetworkConfiguration/AwsvpcConfiguration/AssignPublicIp: expected "
        "ENABLED or DISABLED, found 'ON-DEMAND'"),
    ),
    "too much weight": (
        "Weight: 1", "Weight: 1001",
        "19: Resources/0/TargetService/Properties/CapacityProviderStrategy/0/Weight: expected 0 to 1000, found 1001",
    ),
    "an event of CodeDeploy's own": (
        "BeforeInstall:", "Install:",
        "21: Hooks/0/Install: nothing can be run at this event: CodeDeploy keeps it for itself",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "why"), OF_SERVICES.values(), ids=OF_SERVICES.keys())
def test_what_codedeploy_would_refuse_of_a_service_is_told(old, new, why):
    assert problems(changed(ECS, old, new)) == [f"appspec.yml:{why}."]


def here(text):
    return text.replace("${region}", "eu-west-1").replace("${account}", "123456789012")


def test_the_content_is_put_in_a_regions_words():
    assert localised(parsed(LAMBDA), "eu-west-1", here)["Hooks"] == [
        {"BeforeAllowTraffic": "arn:aws:lambda:eu-west-1:123456789012:function:check"},
        {"AfterAllowTraffic": "check"},
    ]


def test_putting_it_in_a_regions_words_leaves_the_appspec_as_it_was():
    spec = parsed(LAMBDA)
    localised(spec, "eu-west-1", here)

    assert spec == parsed(LAMBDA)


def test_an_arn_of_another_region_is_refused():
    spec = parsed(changed(LAMBDA, "${region}", "us-east-1"))
    with pytest.raises(ArtifactError) as caught:
        localised(spec, "eu-west-1", here)

    assert str(caught.value) == (
        "appspec.yml:11: Hooks/0/BeforeAllowTraffic: expected an ARN in eu-west-1, found one in us-east-1.\n"
        "Nothing was uploaded. Write ${region} in its place."
    )


def test_an_arn_without_a_region_is_of_every_region():
    text = changed(LAMBDA, "AfterAllowTraffic: check", "AfterAllowTraffic: arn:aws:iam::123456789012:role/check")

    assert localised(parsed(text), "eu-west-1", here)["Hooks"][1] == {
        "AfterAllowTraffic": "arn:aws:iam::123456789012:role/check"
    }


def test_an_arn_of_another_partition_and_of_this_region_is_taken():
    text = changed(LAMBDA, "arn:aws:lambda:${region}", "arn:aws-cn:lambda:cn-north-1")

    assert localised(parsed(text), "cn-north-1", here)["Hooks"][0] == {
        "BeforeAllowTraffic": "arn:aws-cn:lambda:cn-north-1:123456789012:function:check"
    }


def test_the_versions_are_filled_in():
    text = changed(LAMBDA, '        CurrentVersion: "3"\n        TargetVersion: "4"\n', "")

    assert with_versions(parsed(text).content, "7", "8")["Resources"][0]["shop"]["Properties"] == {
        "Name": "shop", "Alias": "live", "CurrentVersion": "7", "TargetVersion": "8",
    }  # fmt: skip


def test_filling_the_versions_in_leaves_the_content_as_it_was():
    content = parsed(LAMBDA).content
    with_versions(content, "7", "8")

    assert content == parsed(LAMBDA).content


def test_the_content_is_the_same_text_whatever_the_order_of_its_keys():
    assert appspec_content({"version": 0.0, "Resources": [{"b": "1", "a": 2}]}) == (
        '{"Resources": [{"a": 2, "b": "1"}], "version": 0.0}'
    )


@pytest.mark.parametrize("indent", ["  ", "\t", None])
def test_what_is_wrong_in_json_is_told_with_its_line(indent):
    service = {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "web"}}
    text = json.dumps({"version": 0.0, "Resources": [{"TargetService": service}]}, indent=indent)
    spec = parse_appspec("appspec.json", text.encode())

    with pytest.raises(ArtifactError) as refused:
        check_appspec(spec, "ECS", Tree([]))

    line = 1 if indent is None else 8
    assert f"appspec.json:{line}: Resources/0/TargetService/Properties/TaskDefinition" in str(refused.value)
