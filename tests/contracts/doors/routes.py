"""Every address of the product, from the URL configuration and from nowhere else."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

CONVERTED = re.compile(r"<(?:\w+:)?(\w+)>")
PLAIN = re.compile(r"\^([\w/-]+)")


@dataclass(frozen=True)
class Route:
    """`key` names it for the table: 'desk:report', or its pattern, '/robots.txt', where it has no name."""

    key: str
    parts: tuple[Any, ...]

    @property
    def names(self) -> frozenset[str]:
        """What its address is made of: parameters' names, or a pattern that is no path with parameters."""
        found: set[str] = set()
        for part in self.parts:
            if isinstance(part, RoutePattern):
                found.update(CONVERTED.findall(str(part)))
            elif not isinstance(part, LocalePrefixPattern) and not PLAIN.fullmatch(str(part)):
                found.add(str(part))
        return frozenset(found - {""})

    def address(self, values: Mapping[str, Any]) -> str:
        """The path with these values; a pattern that is no path with parameters is a value as a whole."""
        written = "/"
        for part in self.parts:
            if isinstance(part, RoutePattern):
                written += CONVERTED.sub(lambda found: str(values[found[1]]), str(part))
            elif isinstance(part, LocalePrefixPattern) or not str(part):
                continue
            elif plain := PLAIN.fullmatch(str(part)):
                written += plain[1]
            else:
                written += str(values[str(part)])
        return written


def _walk(patterns: Iterable[Any], parts: tuple[Any, ...], spaces: tuple[str, ...]) -> Iterator[Route]:
    for one in patterns:
        here = (*parts, one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, here, (*spaces, *([one.namespace] if one.namespace else [])))
        elif isinstance(one, URLPattern):
            yield Route(":".join((*spaces, one.name)) if one.name else "/" + "".join(map(str, here)), here)


def all_routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, (), ()))
