"""CodeDeploy's connections to GitHub: their names. Only somebody who signs in to the console can make one."""

from __future__ import annotations

from typing import Final

from auditor.specs.spec import Call, Listing, ResourceSpec

SPEC: Final = ResourceSpec(
    type="AWS::CodeDeploy::GitHubConnection",
    service="codedeploy",
    # The tokens themselves cannot be read: a name is all that there is to compare.
    listing=Listing(Call("ListGitHubAccountTokenNames", pick="tokenNameList")),
    facets=(),
    uncreated="only somebody who signs in to GitHub in the console can make a connection",
    undeleted="it would take somebody who signs in to GitHub to make it again",
)
