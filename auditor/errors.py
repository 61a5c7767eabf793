"""Every error that is raised on purpose, as one tree. Anything else is a bug and shows its traceback.

    AuditorError
    ├── SettingsError      auditor.yaml, an option or the environment asks for something impossible
    ├── CredentialsError   AWS does not know who is asking
    ├── StoreError         a snapshot cannot be written, found, or trusted
    ├── PairingError       two resources of one site would be compared with the same golden one
    ├── UnresolvedError    a symbol has no meaning in a site
    ├── EmptyAccountError  no site holds a single audited resource
    ├── NothingComparedError  not one resource was compared with golden's
    ├── StoppedError       the run is ending; a call was not made any more
    │   ├── InterruptedRunError  somebody ended a run that was writing
    │   └── OutOfTimeError  an audit was ended before the time that it is given was over
    ├── DecisionError      a decision is about what is not so any more, or cannot be taken
    ├── PlanError          a plan cannot be used
    ├── LockedError        somebody else is applying to the same sites
    │   └── LostLeaseError  another audit has begun where one was going on
    ├── ApplyError         an action was not carried out, or not with the outcome that it was to have
    ├── WriteRefusedError  AWS did not do what a call asked for
    ├── UnknownFateError   nothing tells whether AWS did what a call asked for
    ├── WaitError          what a write began failed, or was not over in time
    ├── ArtifactError      what is to be shipped cannot be, as it is
    ├── GitHubError        GitHub did not give what was asked for
    │   └── NotOnGitHubError  it is not there, or may not be seen
    ├── DeployError        an artifact was not uploaded, or not deployed
    ├── GateError          nothing was deployed, because drift remains
    ├── OutputError        standard output could not be written
    ├── NotifyError        nobody was told: a notification was not taken
    └── SandboxError       the embedded AWS could not be started or seeded

A message says where, what, what was not done, and what to do next.
"""


class AuditorError(Exception):
    """An error that the person running the program can act on; it ends the command with code 1."""

    exit_code = 1


class SettingsError(AuditorError):
    """auditor.yaml, an option or the environment asks for something impossible."""


class CredentialsError(AuditorError):
    """AWS does not know who is asking, or will not say."""


class StoreError(AuditorError):
    """A snapshot cannot be written, found, or trusted."""


class PairingError(AuditorError):
    """Two resources of one site would be compared with the same golden one."""


class UnresolvedError(AuditorError):
    """A symbol has no meaning in a site."""


class EmptyAccountError(AuditorError):
    """No site holds a single audited resource: most likely the wrong account."""


class NothingComparedError(AuditorError):
    """Not one resource was compared with golden's: there is one site only, or nothing was selected."""


class StoppedError(AuditorError):
    """The run is ending (Ctrl-C, or another site's failure); a call was not made any more."""


class InterruptedRunError(StoppedError):
    """Ctrl-C, or SIGTERM, ended a run."""

    exit_code = 130


class OutOfTimeError(StoppedError):
    """An audit was ended before the time that Lambda gives it was over."""


class SandboxError(AuditorError):
    """The embedded AWS could not be started or seeded."""


class DecisionError(AuditorError):
    """A decision about findings is about what is not so any more, or is one that cannot be taken."""


class PlanError(AuditorError):
    """A plan cannot be used: it is none, was edited, or was made for something else."""


class LockedError(AuditorError):
    """Somebody else is applying to the same sites."""


class LostLeaseError(LockedError):
    """Another audit has begun in the store of one that was going on: what is to be written there is the other's."""


class ApplyError(AuditorError):
    """An action was not carried out, or not with the outcome that it was to have."""


class WriteRefusedError(AuditorError):
    """AWS did not do what a call asked for; nothing came of it. `code` is AWS's, or the name of botocore's error."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class UnknownFateError(AuditorError):
    """Nothing tells whether AWS did what a call asked for: only reading can."""


class WaitError(AuditorError):
    """What a write began has failed, or was not over in time."""


class ArtifactError(AuditorError):
    """What is to be shipped cannot be, as it is: no archive, an unsafe one, or an AppSpec that CodeDeploy refuses."""


class GitHubError(AuditorError):
    """GitHub did not give what was asked for."""


class NotOnGitHubError(GitHubError):
    """What was asked for is not there, or may not be seen."""


class DeployError(AuditorError):
    """An artifact was not uploaded, or not deployed."""


class GateError(AuditorError):
    """Nothing was deployed, because drift remains, or something could not be read."""

    exit_code = 2


class OutputError(AuditorError):
    """Standard output could not be written: a full disk behind it, or none was given."""


class TerminatedError(KeyboardInterrupt):
    """Whoever started the program ended it (SIGTERM), and no person at a terminal."""


class NotifyError(AuditorError):
    """A notification was not taken. The message never has a part of the address that it was for, which is a secret."""
