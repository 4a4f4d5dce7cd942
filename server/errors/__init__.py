"""Every error a page can receive: one class a code, in Chinese and English.

The class carries the code and two sentences, each a template over the values given to
the constructor: what happened, and what to do next. Codes are frozen: a published code
never changes its meaning and is never reused. Pages in the field read 9 as success, so
no code is 9; all are four digits.

Leading digit: 1 request, 2 device, 3 picture, 4 file, 5 upload, 6 card, 7 fingerprint, 8 face.
"""

from __future__ import annotations

from server.errors.base import *
from server.errors.devices import *
from server.errors.files import *
from server.errors.requests import *
from server.errors.targets import *
