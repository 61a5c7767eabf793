"""Placeholders of other tools are called so, before anything is uploaded, wherever they stand in an AppSpec."""

from __future__ import annotations

import pytest

from auditor.deploy.appspec import check_appspec, parse_appspec
from auditor.deploy.artifact_tree import Tree
from auditor.errors import ArtifactError

TASK = "arn:aws:ecs:${region}:${account}:task-definition/web:1"
WHOSE = "a placeholder that CodePipeline, a GitHub action or another tool fills in, and nobody here does"
OURS = "; of the kind ${…} there are only ${region}, ${region_short}, ${account}, ${partition}"
PROPERTIES = "Resources/0/TargetService/Properties"
FORMS = (
    "<TASK_DEFINITION>", "<IMAGE1_NAME>", "{{ task }}", "${{ env.TASK }}", "${TASK_DEFINITION}", "$(TASK)", "#{Task}",
    "<%= task %>", "%TASK%", "@TASK@", "__TASK__", "[[task]]",
)  # fmt: skip


def ecs(task=TASK, container="web"):
    return (
        "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n      Properties:\n"
        f'        TaskDefinition: "{task}"\n'
        f'        LoadBalancerInfo: {{ContainerName: "{container}", ContainerPort: 80}}\n'
    )


def function(name):
    return (
        "version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      Properties:\n"
        f'        Name: "{name}"\n        Alias: live\n'
    )


def server(text):
    return f"version: 0.0\nos: linux\n{text}"


def verdict(text):
    """What is refused, or else what is warned of."""
    names = frozenset({"appspec.yml", "site/a", "{{cookiecutter.name}}/a", "scripts/{{x}}.sh"})
    try:
        spec = parse_appspec("appspec.yml", text.encode())
        return [f"warning: {one}" for one in check_appspec(spec, spec.platform, Tree(names))]
    except ArtifactError as error:
        return str(error).splitlines()[:-1]


@pytest.mark.parametrize("form", FORMS)
def test_a_placeholder_in_place_of_a_task_definition_is_called_so(form):
    told = f"appspec.yml:6: {PROPERTIES}/TaskDefinition: "
    what = f"{form!r} is {WHOSE}{OURS}." if form.startswith("${") else (
        f"expected a task definition's ARN, found {form!r}: it is {WHOSE}."
    )  # fmt: skip

    assert verdict(ecs(form)) == [told + what]


@pytest.mark.parametrize("form", [one for one in FORMS if not one.startswith("__")])
@pytest.mark.parametrize(("text", "place"), [(ecs(container="%"), "ContainerName"), (function("%"), "Name")])
def test_a_placeholder_where_any_text_would_do_is_refused(form, text, place):
    (told,) = verdict(text.replace('"%"', f'"web-{form}"'))

    assert f"/{place}: {form!r} is {WHOSE}{OURS}." in told


@pytest.mark.parametrize("name", ["__init__", "shop__A__b", "a-${region}", "$${literal}", "a<b", "50%", "a@b"])
def test_what_only_looks_like_a_placeholder_is_none(name):
    assert verdict(function(name)) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "files: [{source: '${DIST}', destination: /srv}]",
            (
                "appspec.yml:3: files/0/source: expected the path of a file or folder of the artifact, found "
                f"'${{DIST}}': it is {WHOSE}."
            ),
        ),
        (
            "files: [{source: site, destination: '{{ root }}/x'}]",
            (
                "appspec.yml:3: files/0/destination: expected a full path (/folder), found '{{ root }}/x': it is "
                f"{WHOSE}."
            ),
        ),
        (
            "files: [{source: site, destination: '/srv/${APP}'}]",
            f"warning: appspec.yml:3: files/0/destination: '${{APP}}' is {WHOSE}.",
        ),
        (
            "files: [{source: site, destination: '/srv/${region}'}]",
            f"warning: appspec.yml:3: files/0/destination: '${{region}}' is {WHOSE}.",
        ),
    ],
)
def test_a_placeholder_for_servers_is_called_so_and_warned_of_where_any_text_will_do(text, told):
    assert verdict(server(text)) == [told]


def test_a_file_that_is_called_so_is_meant():
    files = "files: [{source: '{{cookiecutter.name}}', destination: /srv}]\n"
    hooks = "hooks: {AfterInstall: [{location: 'scripts/{{x}}.sh'}]}"

    assert verdict(server(files + hooks)) == []


def test_a_placeholder_without_quotation_marks_is_said_to_need_them():
    assert verdict("os: linux\nversion: {{ version }}\n") == [
        "appspec.yml:2: expected text as a key, and {{…}} in quotation marks."
    ]


@pytest.mark.parametrize("form", ["@TASK@", "%TASK%"])
def test_a_placeholder_that_yaml_cannot_begin_with_is_asked_for(form):
    (told,) = verdict(f"os: linux\nversion: {form}\n")

    assert told.endswith(f"character '{form[0]}' that cannot start any token; a placeholder of another tool?).")
