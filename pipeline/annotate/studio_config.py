"""The labelling config of a Label Studio project (``config.xml``).

Regions of the article's ``<Text>`` are sentences or roles, and a sentence's event types, responsibility and source are
choices of its region. Incident records are lines of YAML in a text area of the whole article. Source: the tags' pages
on labelstud.io/tags (View, Text, Labels, Choices, TextArea).
"""

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree

from pipeline.annotate.marks import SENTENCE
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES

TEXT: Final = "text"
SENTENCE_NUMBERS: Final = "sentence_numbers"
TO_MEND: Final = "to_mend"
SENTENCES: Final = "sentences"
SPANS: Final = "spans"
EVENTS: Final = "events"
RESPONSIBILITIES: Final = "responsibility"
ATTRIBUTION_SOURCE: Final = "attribution_source"
INCIDENTS: Final = "incidents"
"""Names of the config's tags, which the regions of a task refer to, and of the fields that the texts show."""

ROLE_COLOURS: Final = dict(
    zip(
        ROLES,
        ("#D55E00", "#0072B2", "#882255", "#009E73", "#56B4E9", "#E69F00", "#F0E442", "#CC79A7"),
        strict=True,
    )
)
"""A colour per role that people with colour vision deficiency can tell apart too.

Source: Wong 2011, "Points of view: Color blindness", Nature Methods 8:441, its black, which would look like the grey
of the sentences, replaced by the wine of Tol 2021, "Colour schemes", SRON/EPS/TN/09-002, section 2.
"""

_SENTENCE_COLOUR: Final = "#BBBBBB"
_HOTKEYS: Final = {
    SENTENCES: "9",
    SPANS: "12345678",
    EVENTS: "qwertyiopasdfgh",
    RESPONSIBILITIES: "zxcvb",
    ATTRIBUTION_SOURCE: [f"shift+{digit}" for digit in range(1, 8)],
}
"""A key per label, by rows of the keyboard; ``u`` is left out, by which Label Studio lets go of a region."""


def label_config() -> str:
    """The config as indented XML."""
    root = ElementTree.Element("View")
    ElementTree.SubElement(root, "Header", value="$title", size="4")
    _labels(root, SENTENCES, (SENTENCE,), {SENTENCE: _SENTENCE_COLOUR})
    _labels(root, SPANS, ROLES, ROLE_COLOURS)
    ElementTree.SubElement(root, "Text", name=TEXT, value=f"${TEXT}")
    _choices(root, EVENTS, "Event types", EVENT_TYPES, choice="multiple")
    _choices(root, RESPONSIBILITIES, "Responsibility", RESPONSIBILITY, choice="multiple")
    _choices(root, ATTRIBUTION_SOURCE, "Source", SOURCES, choice="single", required="true")
    _shown(root, SENTENCE_NUMBERS, "Numbers of the sentences")
    ElementTree.SubElement(root, "Header", value="Incident records, one each (GUIDELINES section 5)", size="5")
    ElementTree.SubElement(root, "TextArea", name=INCIDENTS, toName=TEXT, editable="true", rows="3")
    _shown(root, TO_MEND, "What breaks a rule in the model's labels")
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _shown(parent: ElementTree.Element, name: str, title: str) -> None:
    """A text to read beside the article, which is nothing to mark."""
    ElementTree.SubElement(parent, "Header", value=title, size="5")
    ElementTree.SubElement(parent, "Text", name=name, value=f"${name}", selectionEnabled="false")


def _labels(parent: ElementTree.Element, name: str, labels: Sequence[str], colours: dict[str, str]) -> None:
    tag = ElementTree.SubElement(parent, "Labels", name=name, toName=TEXT)
    for label, hotkey in zip(labels, _HOTKEYS[name], strict=True):
        ElementTree.SubElement(tag, "Label", value=label, hotkey=hotkey, background=colours[label])


def _choices(parent: ElementTree.Element, name: str, title: str, choices: Sequence[str], **settings: str) -> None:
    """Choices that each sentence's region has, shown while one is selected."""
    shown = {"visibleWhen": "region-selected", "whenTagName": SENTENCES}
    view = ElementTree.SubElement(parent, "View", shown)
    ElementTree.SubElement(view, "Header", value=title, size="5")
    attributes = {"name": name, "toName": TEXT, "perRegion": "true", **shown, "showInline": "true", **settings}
    tag = ElementTree.SubElement(view, "Choices", attributes)
    for choice, hotkey in zip(choices, _HOTKEYS[name], strict=True):
        ElementTree.SubElement(tag, "Choice", value=choice, hotkey=hotkey)
