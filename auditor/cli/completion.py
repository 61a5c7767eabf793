"""Shell completion: the scripts, and what they are told of this folder's settings and store. AWS is never asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from auditor.commands import complete as complete_command

VARIABLE: Final = "_AUDITOR_COMPLETE"
"""The environment variable by which a script asks; click names it after the program."""
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]


class _Bash(BashComplete):
    """click's, for words that hold a colon or an equals sign: bash takes each part of them for a word of its own."""

    source_template: ClassVar[str] = """\
%(complete_func)s() {
    local response completion
    response=$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
%(complete_var)s=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    while IFS= read -r completion; do
        case $completion in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("${completion#plain,}") ;;
        esac
    done <<< "$response"
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one at it, as the shell would pass them on."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)[1:]
        return (words, "") if line[-1:].isspace() or not words else (words[:-1], words[-1])

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """An item's line, without the beginning of the word that bash leaves standing."""
        word = os.environ["COMP_LINE"].rpartition(" ")[2]
        breaks = [sign for sign in ":=" if sign in os.environ.get("COMP_BREAKS", "") and word[:1] not in "\"'"]
        kept = max((word.rfind(sign) + 1 for sign in breaks), default=0)
        # Of --option=VALUE, click offers VALUE alone.
        shown = str(item.value)
        return f"{item.type},{shown[kept:] if shown.startswith(word[:kept]) else shown}"


add_completion_class(_Bash)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, snapshots, sites, types and runs in a shell.

    In ~/.bashrc or ~/.zshrc: eval "$(auditor completion bash)". In ~/.config/fish/config.fish:
    auditor completion fish | source
    """
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(context.find_root().command, {}, "auditor", VARIABLE).source(), nl=False)


def _completer(known: Callable[[click.Context], tuple[str, ...]]) -> Completer:
    """Completes with what is known; with nothing where that cannot be told, and never with an error."""

    def completed(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        try:
            return [CompletionItem(one) for one in known(context) if one.startswith(incomplete)]
        except Exception:  # noqa: BLE001 somebody is typing: whatever is wrong is told when the command is run
            return []

    return completed


def _config(context: click.Context) -> Path | None:
    return context.params.get("config")


def _folder(context: click.Context) -> str:
    return context.params.get("store") or ""


SNAPSHOTS: Final = _completer(lambda given: complete_command.snapshots(_config(given), _folder(given), os.environ))
RUNS: Final = _completer(lambda given: complete_command.runs(_config(given), _folder(given), os.environ))
SITES: Final = _completer(lambda given: complete_command.sites(_config(given), os.environ))
REGIONS: Final = _completer(lambda _: complete_command.regions())
TYPES: Final = _completer(lambda _: complete_command.types())
COMMANDS: Final = (completion,)
