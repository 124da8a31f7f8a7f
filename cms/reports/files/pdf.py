"""Looks into one PDF on standard input, and says `plain`, `active` or `encrypted`.

Run as a program of its own, so that a hostile file can exhaust no server: memory and time are bounded here
before the first byte is parsed. Nothing is imported from the project.
"""

from __future__ import annotations

import io
import resource
import sys
from typing import Any

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 10

# Keys under which a PDF keeps scripts, other files, and media that a reader would run.
ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/RichMedia", "/RichMediaContent", "/XFA"}
)
# Kinds of actions that do more than show another page of the same file or a link.
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/Rendition",
        "/RichMediaExecute",
        "/Movie",
        "/Sound",
    }
)
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/JavaScript"})
ACTIVE_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})


def _is_active(pdf: Any, pikepdf: Any) -> bool:
    """Every object of the file, and what stands inside it, whether or not the document refers to it."""
    for top in pdf.objects:
        waiting = [top]
        while waiting:
            one = waiting.pop()
            if isinstance(one, pikepdf.Array):
                waiting += [part for part in one if not getattr(part, "is_indirect", False)]
            elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
                keys = set(one.keys())
                if keys & ACTIVE_KEYS:
                    return True
                if str(one.get("/S", "")) in ACTIVE_ACTIONS or str(one.get("/Type", "")) in ACTIVE_TYPES:
                    return True
                if str(one.get("/Subtype", "")) in ACTIVE_ANNOTATIONS:
                    return True
                waiting += [
                    part for part in (one[key] for key in keys) if not getattr(part, "is_indirect", False)
                ]
    return False


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    import pikepdf

    pikepdf.settings.set_qpdf_limits(flate_max_memory=256 * 1024 * 1024, parser_max_container_size=1_000_000)
    try:
        with pikepdf.open(io.BytesIO(sys.stdin.buffer.read()), suppress_warnings=True) as pdf:
            if not len(pdf.pages):
                return 1
            found = "active" if _is_active(pdf, pikepdf) else "plain"
    except pikepdf.PasswordError:
        found = "encrypted"
    except Exception:
        return 1
    sys.stdout.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
