"""Forms that were taught: a page is told by its print, laid onto the form, and read zone by zone."""

from imgcore.forms.form import CheckRule, Form, FormPrint, FormZone, Tick, ZoneKind, taught
from imgcore.forms.reading import FilledForm, FilledZone, TextStrips, filled
from imgcore.forms.registration import FoundForm, find_form

__all__ = [
    "CheckRule",
    "FilledForm",
    "FilledZone",
    "Form",
    "FormPrint",
    "FormZone",
    "FoundForm",
    "TextStrips",
    "Tick",
    "ZoneKind",
    "filled",
    "find_form",
    "taught",
]
