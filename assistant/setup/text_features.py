"""spaCy components that mark in a document what the message classifier reads off its surface."""

from __future__ import annotations

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from assistant.escalation.cues import cue_spans, cues

SPANS = "cues"


@Language.component("escalation_cues")
def escalation_cues(doc: Doc) -> Doc:
    """Put the cues into `doc.spans["cues"]`, labelled by name, and their values into `doc._.cues`."""
    found = (doc.char_span(start, end, label=name, alignment_mode="expand") for name, start, end in cue_spans(doc.text))
    doc.spans[SPANS] = [span for span in found if span is not None]
    doc._.cues = cues(doc.text)
    return doc


def pipeline() -> Language:
    """A blank English pipeline with the components of this module."""
    if not Doc.has_extension("cues"):
        Doc.set_extension("cues", default=None)
    language = spacy.blank("en")
    language.add_pipe("escalation_cues")
    return language
