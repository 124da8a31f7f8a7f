"""What a reader is told of a document or variables that do not fit the schema.

graphql-core's own sentences are English and some print the value they refuse, a sender's whole input among
them. So every such error gets a code, a sentence in the reader's language, and the names it concerns; the
original sentence stays beside it (`detail`) only where it can hold nothing but names.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _
from graphql import GraphQLError, GraphQLSyntaxError
from graphql.language import FieldNode, ObjectFieldNode, ValueNode, VariableNode

_VARIABLE = re.compile(r"Variable '\$(\w+)' has invalid value(?: at ([\w.\[\]]+))?: (.*)", re.DOTALL)
_STEPS = re.compile(r"\w+")
_MISSING = re.compile(r"Expected value of type '([^']+)' to include required field '(\w+)'")
_UNKNOWN = re.compile(r"Expected value of type '([^']+)' not to include unknown field '([^']*)'")
_NO_VALUE = re.compile(r"Expected (?:a )?value of non-null type ")
_ENUM = re.compile(r"Value .* does not exist in '(\w+)' enum|Enum '(\w+)' cannot represent", re.DOTALL)
_NO_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_NO_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field '([\w.]+)'")
_ARGUMENT = re.compile(r"Argument '([\w.]+)\((\w+):\)' of type '[^']+' is required")
# A name that a sender has made up is told back no longer than a real one could be.
LONGEST_NAME = 60


def is_of_variables(error: GraphQLError) -> bool:
    """Whether the values refused it, and not the document."""
    return error.path is None and bool(_VARIABLE.match(error.message))


def is_a_bug(error: GraphQLError) -> bool:
    """A resolver's answer that does not fit the schema: values of the request are told at their own nodes."""
    return error.path is not None and (not error.nodes or isinstance(error.nodes[0], FieldNode))


def _of_a_value(told: str, field: list[str]) -> tuple[str, list[str]]:
    """The sentence for a refused value, and the path to what is wrong with it."""
    if match := _MISSING.match(told):
        return _("“%(type)s” needs “%(field)s”.") % {"type": match[1], "field": match[2]}, [*field, match[2]]
    if match := _UNKNOWN.match(told):
        name = match[2][:LONGEST_NAME]
        return _("“%(type)s” has no “%(field)s”.") % {"type": match[1], "field": name}, [*field, name]
    if _NO_VALUE.match(told):
        return _("A value is needed here."), field
    if match := _ENUM.match(told):
        return _("This is none of the values of “%(type)s”.") % {"type": match[1] or match[2]}, field
    return _("This value is not of the type that is expected here."), field


def _of_the_document(told: str) -> tuple[str, list[str]]:
    if match := _NO_FIELD.match(told):
        return _("“%(type)s” has no “%(field)s”.") % {"type": match[2], "field": match[1]}, [match[1]]
    if match := _NO_ARGUMENT.match(told):
        return _("“%(type)s” has no “%(field)s”.") % {"type": match[2], "field": match[1]}, [match[1]]
    if match := _ARGUMENT.match(told):
        return _("“%(type)s” needs “%(field)s”.") % {"type": match[1], "field": match[2]}, [match[2]]
    return _("The query does not fit the schema."), []


def _holds_a_value(error: GraphQLError) -> bool:
    node = error.nodes[0] if error.nodes else None
    return isinstance(node, ValueNode | ObjectFieldNode) and not isinstance(node, VariableNode)


def worded(error: GraphQLError) -> GraphQLError:
    """The error with a code and a sentence, and without anything that somebody gave as a value."""
    extensions: dict[str, Any] = {}
    field: list[str] = []
    if isinstance(error, GraphQLSyntaxError):
        code, message, field = "SYNTAX", _("The query cannot be read here."), field
    elif match := _VARIABLE.match(error.message):
        path = [match[1], *_STEPS.findall(match[2] or "")]
        code, (message, field) = "BAD_VARIABLES", _of_a_value(match[3], path)
    elif error.path is not None or not error.nodes:
        # An argument whose variable was left out, or values that graphql-core gave up on.
        code, message, field = "BAD_VARIABLES", _("The variables do not fit the query."), field
    elif _holds_a_value(error):
        node = error.nodes[0]
        own = [node.name.value] if isinstance(node, ObjectFieldNode) else []
        code, (message, field) = "VALIDATION", _of_a_value(error.message, [])
        field = field or own
    else:
        code, (message, field) = "VALIDATION", _of_the_document(error.message)
        extensions["detail"] = error.message
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code, "field": field, **extensions},
    )
