"""Whether what came with HTTP 200 is the answer of the operation that was called.

botocore believes a page that signs in to a network, a body that a proxy cut short, or another operation's answer: what
its parsers do not find is not there, so that each of these would say that there is nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree

import jmespath
from botocore.parsers import ResponseParserError
from jmespath.visitor import TreeInterpreter

from auditor.aws.answer_roots import belongs_to
from auditor.aws.errors import UnusableAnswerError
from auditor.canonical.policy import is_policy
from auditor.model.values import Value
from auditor.specs.spec import Call

_HTML: Final = ("text/html", "application/xhtml+xml")
_PAGES: Final = (b"<!doctype html", b"<html")
_FAILED: Final = 301
"""From here on botocore takes what came for an error."""
_NOTHING: Final[tuple[Value, ...]] = (None, "", [], {})
_PARSING: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What botocore's parsers, and JMESPath, raise where they find what they do not expect."""


def refuse_foreign_answers(client: Any) -> Any:
    """Have a client raise UnusableAnswerError for what came with HTTP 200 and is not the operation's answer.

    The client is returned.
    """
    # Last: S3 tells of errors with HTTP 200, which botocore makes errors of before.
    client.meta.events.register_last("before-parse", _refuse_foreign)
    return client


@contextmanager
def parsing(operation: str) -> Iterator[None]:
    """Turns what is raised over an answer that nobody can parse, or that lacks what it must have, into one error."""
    try:
        yield
    except ResponseParserError:
        # botocore quotes what it could not parse, with all secrets that are in it.
        raise _unusable(operation, "cannot be parsed") from None
    except KeyError as missing:
        raise _unusable(operation, f"has no {missing.args[0]}") from None
    except _PARSING as error:
        raise _unusable(operation, f"cannot be parsed ({type(error).__name__})") from None


def refuse_lacking(client: Any, call: Call, answer: Mapping[str, Any]) -> None:
    """Raise UnusableAnswerError where an answer lacks members that AWS never leaves out.

    These are those that the call says are `always` there, or else those that it picks. (Of XML, a list without an
    element of its own is not there where it is empty.)
    """
    model = client.meta.service_model.operation_model(call.operation)
    members = model.output_shape.members if model.output_shape else {}
    needed = picked_members(call.pick) if call.always is None else call.always
    for path in needed:
        shape = members.get(path)
        omitted = call.always is None and shape is not None and shape.serialization.get("flattened")
        if not omitted and jmespath.search(path, answer) is None:
            raise _unusable(call.operation, f"has no {path}")
    if not needed and "json" in model.service_model.resolved_protocol and not answer.keys() & members.keys():
        raise _unusable(call.operation, "has none of its members")


@lru_cache(maxsize=1024)
def picked_members(pick: str) -> tuple[str, ...]:
    """The members of an answer in which a JMESPath expression looks; none where it takes the answer as it is."""
    return tuple(dict.fromkeys(_first_fields(jmespath.compile(pick).parsed)))


_ON_ALL: Final = frozenset(
    {"and_expression", "or_expression", "not_expression", "comparator", "function_expression", "multi_select_list"}
    | {"multi_select_dict", "key_val_pair"}
)
"""The nodes of JMESPath that apply each of their children to the same value; the others, each to the one before."""


def _first_fields(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield str(node["value"])
    for child in node["children"] if node["type"] in _ON_ALL else node["children"][:1]:
        yield from _first_fields(child)


def items_of(call: Call, answer: Mapping[str, Any]) -> list[Any]:
    """What a call picks from its answer, which is a list.

    Raises UnusableAnswerError where it is none, or where an element lacks what is picked from each.
    """
    with parsing(call.operation):
        found = jmespath.search(call.pick, answer)
        node = jmespath.compile(call.pick).parsed
        # JMESPath leaves out the elements in which it finds nothing.
        whole = _searched(node["children"][0], answer) if _is_of_each(node) else found
    if whole is None and all(answer.get(name) is None for name in picked_members(call.pick)):
        return []
    if not isinstance(found, list) or len(found) != len(whole or ()) or any(one in _NOTHING for one in found):
        raise _unusable(call.operation, f"does not tell {call.pick} of all of them")
    return found


def _is_of_each(node: Mapping[str, Any]) -> bool:
    return bool(node["type"] == "projection" and node["children"][0]["type"] == "flatten")


def _searched(node: Any, value: Value) -> Value:
    return TreeInterpreter().visit(node, value)


def _unusable(operation: str, why: str) -> UnusableAnswerError:
    return UnusableAnswerError(f"the answer to {operation} {why}")


def _refuse_foreign(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """A handler of botocore's `before-parse`. Raises UnusableAnswerError."""
    body, shape = response_dict["body"], operation_model.output_shape
    if response_dict["status_code"] >= _FAILED or operation_model.has_streaming_output:
        return
    why = _page(shape, response_dict) or _misfit(operation_model, shape, body)
    if why:
        raise _unusable(operation_model.name, why)


def _page(shape: Any, response: Mapping[str, Any]) -> str:
    """Why it is a page for people, not an answer; "" where it is none."""
    kind = str(response["headers"].get("content-type", "")).partition(";")[0].strip().lower()
    # What HeadObject tells is the object's.
    own = shape is not None and any(one.serialization.get("name") == "Content-Type" for one in shape.members.values())
    is_page = (kind in _HTML and not own) or response["body"].lstrip()[:14].lower().startswith(_PAGES)
    return "is a web page" if is_page else ""


def _misfit(operation: Any, shape: Any, body: bytes) -> str:
    """Why a body is not the operation's; "" where it may be."""
    payload = shape.serialization.get("payload") if shape is not None else None
    inside = shape.members[payload] if payload else shape
    if payload and inside.type_name in ("string", "blob"):
        return "" if payload != "Policy" or is_policy(body.decode(errors="replace")) else "is no policy"
    protocol = str(operation.service_model.resolved_protocol)
    if "json" in protocol:
        return _json_misfit(inside, body)
    return _xml_misfit(operation, shape, body, protocol) if "xml" in protocol or protocol in ("query", "ec2") else ""


def _json_misfit(shape: Any, body: bytes) -> str:
    if not body:
        return ""
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError):
        return "cannot be parsed"
    if not isinstance(told, dict):
        return "is no JSON object"
    place = next(_misplaced(shape, told, ""), None) if shape is not None else None
    return "" if place is None else f"has another form at '{place}'"


def _misplaced(shape: Any, value: Value, place: str) -> Iterator[str]:
    """The places at which a value of JSON has another form than the model says. botocore would read over them."""
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return
    if isinstance(value, dict) is not (kind in ("structure", "map")) or isinstance(value, list) is not (kind == "list"):
        yield place
    elif kind == "list":
        yield from (place for one in value if one is None)
        yield from (wrong for one in value for wrong in _misplaced(shape.member, one, f"{place}[]"))
    elif kind == "map":
        yield from (wrong for one in value.values() for wrong in _misplaced(shape.value, one, f"{place}.*"))
    elif kind == "structure":
        yield from _misplaced_members(shape, value, place)


def _misplaced_members(shape: Any, value: Mapping[str, Value], place: str) -> Iterator[str]:
    for name, member in shape.members.items():
        if member.serialization.get("location") is None:
            told = value.get(member.serialization.get("name", name))
            yield from _misplaced(member, told, f"{place}.{name}".lstrip("."))


def _xml_misfit(operation: Any, shape: Any, body: bytes, protocol: str) -> str:
    if not body and protocol == "rest-xml" and not _has_body(shape):
        return ""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 botocore parses the same by the same parser
    except (ElementTree.ParseError, ValueError):
        return "cannot be parsed"
    tag = root.tag.rpartition("}")
    name, space = tag[2], tag[0].removeprefix("{")
    if protocol == "rest-xml":
        return "" if belongs_to(operation.name, name, space) else f"is a {name}"
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    inside = {one.tag.rpartition("}")[2] for one in root}
    is_own = name == f"{operation.name}Response" and (not wrapper or wrapper in inside)
    return "" if is_own else f"is a {name}"


def _has_body(shape: Any) -> bool:
    members: Iterable[Any] = shape.members.values() if shape is not None else ()
    return any(one.serialization.get("location") is None for one in members)
