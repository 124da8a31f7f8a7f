"""The table of who may do what stands twice: in code, and as a page that people read and agree on."""

from pathlib import Path

from django.conf import settings

from cms.reports.management.commands.workflow_table import document


def test_the_page_says_what_the_code_does():
    page = Path(settings.ROOT) / "docs" / "workflow.md"
    # Else: does domain.md allow it? Then `manage.py workflow_table > docs/workflow.md`.
    assert page.read_text(encoding="utf-8") == document()
