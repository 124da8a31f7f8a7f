"""What the database keeps to be searched by itself, and which words are said for one another.

The words of the reports have a table of their own (`.backends.embedded.tables`).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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


class Synonym(models.Model):
    """Words that are said for one another: who searches for one of them finds the others too.

    A word may stand in several rows, which do not run together. Asked through `search.synonyms`.
    """

    class Source(models.TextChoices):
        PRODUCT = "product", _("came with the product")
        HERE = "here", _("added here")

    words_ar = models.JSONField(_("Arabic words"), default=list, blank=True)
    words_en = models.JSONField(_("English words"), default=list, blank=True)
    note = models.CharField(_("why they belong together"), max_length=300, blank=True)
    source = models.CharField(
        _("where it comes from"), max_length=10, choices=Source, default=Source.HERE, editable=False
    )
    is_active = models.BooleanField(_("in use"), default=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("words said for one another")
        verbose_name_plural = _("words said for one another")
        default_permissions = ()
        ordering = ["pk"]

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.words_ar, *self.words_en)

    def __str__(self) -> str:
        return "، ".join(self.words)
