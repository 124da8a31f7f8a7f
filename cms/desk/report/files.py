"""Files at the desk: those of a report, for who may read them, and those that an action brings along."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.reports.actors import Actor
from cms.reports.errors import DomainError, Invalid
from cms.reports.files import intake, links, reading, serving
from cms.reports.files.intake import Files
from cms.reports.files.kinds import plain_name, too_large, too_many
from cms.reports.models import Attachment
from cms.uploads import refused_files

from ..access import actor_of_request


class TakesFields(Protocol):
    """The form of an action: here only which fields it has."""

    @property
    def fields(self) -> tuple[str, ...]: ...


CUT_OFF = {"too_many_files": too_many, "file_too_large": too_large}


@require_safe
def file(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    """By a link that lives for five minutes; `?small` is the thumbnail. Hidden is as missing."""
    return handed_out(request, public_id, actor_of_request(request))


def handed_out(request: HttpRequest, public_id: uuid.UUID, actor: Actor) -> HttpResponseBase:
    """To this person, as staff or as a sender of what their entity sent."""
    row = reading.find(public_id, actor)
    if row is None or not row.is_readable:
        raise Http404
    if "small" in request.GET:
        try:
            return serving.response(row, request, small=True)
        except FileNotFoundError:
            raise Http404 from None
    response: HttpResponse = redirect(links.sign(row, actor))
    response.headers["Cache-Control"] = "no-store"
    return response


@contextmanager
def sent_with(request: HttpRequest, spec: TakesFields) -> Iterator[dict[str, Any]]:
    """`files` for the action inside, where it takes any; what it does not take is not kept.

    Raises Invalid with every file that cannot be attached: then none is.
    """
    if "files" not in spec.fields:
        yield {}
        return
    owner = f"staff:{request.user.pk}:{uuid.uuid4().hex}"
    rows: list[Attachment] = []
    errors = [about_file(name, CUT_OFF[code]()) for code, name in refused_files(request)]
    try:
        for sent in request.FILES.getlist("files"):
            try:
                rows.append(intake.take(sent.read(), sent.name, owner=owner))
            except DomainError as error:
                errors.append(about_file(sent.name, error))
        if errors:
            raise Invalid(errors)
        yield {"files": Files(tuple(str(row.public_id) for row in rows), owner)}
    finally:
        intake.drop(rows)


def about_file(name: object, error: DomainError) -> DomainError:
    """The same error, with its file named."""
    named = {"file": f"\u2068{plain_name(name)}\u2069", "problem": error.message}
    return DomainError(error.code, _("%(file)s: %(problem)s") % named, field=error.field)
