"""What the database keeps to be searched by itself; the words have a table of their own (`.tables`)."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """A report's document, as the database has it. No foreign key: one that goes is dropped as any change."""

    report_id = models.BigIntegerField(primary_key=True)
    revision = models.PositiveIntegerField()
    stamp = models.TextField()
    # Field of the document → its masked texts, for what is shown of a hit.
    texts = models.JSONField(default=dict)
    # Whose the internal texts are that were written at earlier entities.
    elsewhere_entities = models.JSONField(default=list)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.report_id)


class Word(models.Model):
    """A word that some report has, for what is mistyped; turned round too, since either half may be right."""

    word = models.CharField(max_length=40, primary_key=True)
    turned = models.CharField(max_length=40, db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
