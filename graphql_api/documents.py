"""Reading a GraphQL document safely: what is linear first, and nothing that is not before it.

The parser is recursive and the validation compares fields in pairs, through fragments that may double at each
level. So the lexer counts tokens and nesting before parsing; fields, depth and aliases are counted over the
tree, each fragment summed once, before validating.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from graphql import GraphQLError, GraphQLSyntaxError, Source, TokenKind, parse
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Lexer,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from .conf import DEFAULTS, limit

OPENING = frozenset({TokenKind.BRACE_L, TokenKind.PAREN_L, TokenKind.BRACKET_L})
CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.PAREN_R, TokenKind.BRACKET_R})


class Refused(GraphQLError):
    """A document over one of the limits. `extensions.code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def _over(code: str, name: str) -> Refused:
    return Refused(
        code,
        _("The query is over the limit of %(limit)d for “%(name)s”.")
        % {
            "limit": limit(name),
            "name": name,
        },
    )


@dataclass
class Size:
    """What a selection comes to, with its fragments followed."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0

    def add(self, other: Size) -> None:
        self.fields += other.fields
        self.aliases += other.aliases
        self.depth = max(self.depth, other.depth)


@dataclass
class Document:
    """A parsed document within the limits, and what was found out about it since: it is asked again."""

    tree: DocumentNode
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    # What is wrong with it by the schema's rules; None until it is validated.
    errors: list[GraphQLError] | None = None
    # What it costs, where no variable decides; None until it is known, and where one does.
    cost: int | None = None


def _count_tokens(source: Source) -> None:
    lexer, tokens, nesting = Lexer(source), 0, 0
    most_tokens, deepest = limit("tokens"), limit("nesting")
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        if tokens > most_tokens:
            raise _over("TOO_MANY_TOKENS", "tokens")
        if token.kind in OPENING:
            nesting += 1
            if nesting > deepest:
                raise _over("TOO_DEEP", "nesting")
        elif token.kind in CLOSING:
            nesting -= 1


class _Measure:
    """Sums selections; each fragment once, so that doubling fragments cost what they measure and no more."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.known: dict[str, Size] = {}
        self.under_way: set[str] = set()
        self.directives = 0

    def selection(self, selection_set: SelectionSetNode | None) -> Size:
        total = Size()
        for node in selection_set.selections if selection_set else ():
            self.directives += len(node.directives or ())
            if isinstance(node, FieldNode):
                below = self.selection(node.selection_set)
                total.add(Size(below.fields + 1, below.aliases + (node.alias is not None), below.depth + 1))
            elif isinstance(node, InlineFragmentNode):
                total.add(self.selection(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                total.add(self.fragment(node.name.value))
        return total

    def fragment(self, name: str) -> Size:
        if name in self.under_way:
            raise Refused(
                "FRAGMENT_CYCLE", _("The fragment “%(name)s” contains itself.") % {"name": name[:80]}
            )
        if name not in self.known:
            definition = self.fragments.get(name)
            if definition is None:
                # Validation names what is missing.
                return Size()
            self.under_way.add(name)
            self.known[name] = self.selection(definition.selection_set)
            self.under_way.discard(name)
        return self.known[name]


def _check(tree: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    if len(tree.definitions) > limit("definitions"):
        raise _over("TOO_MANY_DEFINITIONS", "definitions")
    fragments = {
        node.name.value: node for node in tree.definitions if isinstance(node, FragmentDefinitionNode)
    }
    measure = _Measure(fragments)
    total = Size()
    for node in tree.definitions:
        if isinstance(node, FragmentDefinitionNode):
            measure.directives += len(node.directives or ())
            # Unused ones are validated too.
            total.add(measure.fragment(node.name.value))
        elif isinstance(node, OperationDefinitionNode):
            measure.directives += len(node.directives or ())
            size = measure.selection(node.selection_set)
            total.add(size)
            if node.operation is OperationType.MUTATION:
                root = _root_fields(node.selection_set, fragments, {})
                if root > limit("mutations"):
                    raise _over("TOO_MANY_MUTATIONS", "mutations")
    if measure.directives > limit("directives"):
        raise _over("TOO_MANY_DIRECTIVES", "directives")
    if total.depth > limit("depth"):
        raise _over("TOO_DEEP", "depth")
    if total.aliases > limit("aliases"):
        raise _over("TOO_MANY_ALIASES", "aliases")
    if total.fields > limit("fields"):
        raise _over("TOO_MANY_FIELDS", "fields")
    return fragments


def _root_fields(
    selection_set: SelectionSetNode,
    fragments: dict[str, FragmentDefinitionNode],
    known: dict[str, int],
) -> int:
    """How many fields stand at an operation's root. Cycles were refused before."""
    count = 0
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            count += 1
        elif isinstance(node, InlineFragmentNode):
            count += _root_fields(node.selection_set, fragments, known)
        elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
            name = node.name.value
            if name not in known:
                known[name] = _root_fields(fragments[name].selection_set, fragments, known)
            count += known[name]
    return count


_kept: OrderedDict[str, Document] = OrderedDict()
_lock = threading.Lock()


def read(query: str) -> Document:
    """The document, parsed and within the limits; GraphQLError (Refused, or of the syntax) otherwise.

    Kept by its text in the process: apps send the same few documents again and again.
    """
    with _lock:
        if (document := _kept.get(query)) is not None:
            _kept.move_to_end(query)
            return document
    if len(query) > limit("query_characters"):
        raise _over("QUERY_TOO_LONG", "query_characters")
    source = Source(query)
    _count_tokens(source)
    try:
        tree = parse(source)
    except RecursionError as error:
        raise _over("TOO_DEEP", "nesting") from error
    document = Document(tree, _check(tree))
    with _lock:
        _kept[query] = document
        while len(_kept) > limit("documents_kept"):
            _kept.popitem(last=False)
    return document


def forget() -> None:
    """Drop what is kept: limits have changed (tests)."""
    with _lock:
        _kept.clear()


__all__ = ["DEFAULTS", "Document", "GraphQLSyntaxError", "Refused", "forget", "read"]
