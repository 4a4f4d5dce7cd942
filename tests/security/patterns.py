"""Regular expressions: where they are used, and the steps that a backtracking matcher takes on hostile text.

Steps are counted on the parse tree of the pattern, so that a bound is a number and no time. The counter
follows Python's matcher without its shortcuts: it counts more, never less.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

SINGLE = (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN)
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
SAMPLES = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "w"}
FOREIGN = "\x01"
MOST_STEPS = 100_000
DEEPEST = 20_000
KINDS = 8
"""Characters, each taken by other nodes, of which texts are made."""
SHORT = 40
"""Repetitions up to which a run is no long one: it costs each place in a text so many steps at most."""

Node = tuple[Any, Any]
Continue = Callable[[int], bool]


class TooManySteps(Exception):
    """The matcher gave up counting."""


@dataclass
class Counter:
    """Matcher of one text that counts its steps."""

    text: str
    flags: int
    steps: int = 0
    groups: dict[int, tuple[int, int]] = field(default_factory=dict)
    taken: dict[tuple[int, str], bool] = field(default_factory=dict)
    """Answers by node identity and character, True where the node takes it: the same few are asked for."""

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManySteps

    def match(  # noqa: C901 - a rule a kind
        self, nodes: Sequence[Node], at: int, then: Continue, first: int = 0
    ) -> bool:
        """Match the nodes from `first` on at a place, and what follows."""
        # The list in a parsed pattern answers in C, the pattern itself does not.
        nodes = getattr(nodes, "data", nodes)
        if first == len(nodes):
            return then(at)
        kind, value = nodes[first]
        rest = lambda place: self.match(nodes, place, then, first + 1)  # noqa: E731
        self.step()
        if kind in SINGLE:
            return at < len(self.text) and self.takes(nodes[first], self.text[at]) and rest(at + 1)
        if kind is op.BRANCH:
            return any(self.match(branch, at, rest) for branch in value[1])
        if kind is op.SUBPATTERN:
            group, _, _, inner = value

            def closed(end: int) -> bool:
                before = self.groups.get(group)
                self.groups[group] = at, end
                if rest(end):
                    return True
                self.groups[group] = before or (0, 0)
                return False

            return self.match(inner, at, closed)
        if kind in REPEATS:
            return self.repeat(kind, value, at, rest)
        if kind is op.ATOMIC_GROUP:
            end = self.end(value, at)
            return end is not None and rest(end)
        if kind is op.AT:
            return self.stands(value, at) and rest(at)
        if kind in (op.ASSERT, op.ASSERT_NOT):
            return self.asserted(value, at) is (kind is op.ASSERT) and rest(at)
        if kind is op.GROUPREF:
            start, stop = self.groups.get(value, (0, 0))
            self.steps += stop - start
            return self.text.startswith(self.text[start:stop], at) and rest(at + stop - start)
        raise TypeError(f"no rule for {kind}")

    def takes(self, node: Node, char: str) -> bool:
        key = id(node), char
        if key not in self.taken:
            self.taken[key] = holds(*node, char, self.flags)
        return self.taken[key]

    def end(self, nodes: Sequence[Node], at: int) -> int | None:
        """Return where the first match of the nodes ends."""
        found: list[int] = []
        return found[-1] if self.match(nodes, at, lambda end: not found.append(end)) else None

    def repeat(self, kind: object, value: Any, at: int, rest: Continue) -> bool:
        least, most, inner = value
        if len(inner) == 1 and inner[0][0] in SINGLE:
            return self.repeat_single(kind, least, most, inner[0], at, rest)
        if kind is op.POSSESSIVE_REPEAT:
            count = 0
            while count < most and (end := self.end(inner, at)) is not None and end > at:
                at = end
                count = count + 1
            return count >= least and rest(at)

        def more(place: int, count: int) -> bool:
            again = lambda end: end > place and more(end, count + 1)  # noqa: E731
            if count < least:
                return self.match(inner, place, lambda end: more(end, count + 1))
            if kind is op.MIN_REPEAT:
                return rest(place) or (count < most and self.match(inner, place, again))
            return (count < most and self.match(inner, place, again)) or rest(place)

        return more(at, 0)

    def repeat_single(self, kind: object, least: int, most: int, node: Node, at: int, rest: Continue) -> bool:
        end = at
        while end < len(self.text) and end - at < most and self.takes(node, self.text[end]):
            self.step()
            end += 1
        if end - at < least:
            return False
        if kind is op.POSSESSIVE_REPEAT:
            return rest(end)
        places = range(at + least, end + 1)
        for place in places if kind is op.MIN_REPEAT else reversed(places):
            self.step()
            if rest(place):
                return True
        return False

    def stands(self, where: object, at: int) -> bool:
        size = len(self.text)
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0 or bool(self.flags & re.MULTILINE and self.text[at - 1] == "\n")
        if where in (op.AT_END, op.AT_END_STRING):
            return at == size or bool(self.flags & re.MULTILINE and self.text[at] == "\n")
        word = [0 <= each < size and self.text[each].isalnum() for each in (at - 1, at)]
        return (word[0] != word[1]) is (where is op.AT_BOUNDARY)

    def asserted(self, value: Any, at: int) -> bool:
        direction, inner = value
        if direction > 0:
            return self.match(inner, at, lambda end: True)
        width = _parser.SubPattern.getwidth(inner)[0]
        return at >= width and self.match(inner, at - width, lambda end: end == at)


def holds(kind: object, value: Any, char: str, flags: int) -> bool:
    """Return whether a node for one character takes it."""
    if kind is op.ANY:
        return bool(flags & re.DOTALL) or char != "\n"
    if kind is op.IN:
        negated = value[0][0] is op.NEGATE
        return any(_in(*item, char, flags) for item in value[negated:]) is not negated
    return _in(op.LITERAL, value, char, flags) is (kind is op.LITERAL)


def _in(kind: object, value: Any, char: str, flags: int) -> bool:
    forms = {char, char.lower(), char.upper()} if flags & re.IGNORECASE else {char}
    if kind is op.LITERAL:
        return any(ord(form) == value for form in forms if len(form) == 1)
    if kind is op.RANGE:
        return any(value[0] <= ord(form) <= value[1] for form in forms if len(form) == 1)
    name = str(value)
    tests = {"DIGIT": char.isdecimal(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    return tests[name.rpartition("_")[2]] is not ("NOT" in name)


def steps(pattern: re.Pattern[Any], text: str, anywhere: bool) -> int:
    """Return the steps of a match of the whole text, or of all matches `anywhere` in it."""
    nodes = _parsed(pattern)
    counter = Counter(text, pattern.flags, taken=_taken(pattern))
    deep = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEPEST)
    try:
        at = 0
        if not anywhere:
            counter.match(nodes, 0, lambda end: end == len(text))
        while anywhere and at <= len(text):
            end = counter.end(nodes, at)
            at = at + 1 if end is None or end == at else end
    except TooManySteps:
        pass
    finally:
        sys.setrecursionlimit(deep)
    return counter.steps


@cache
def _parsed(pattern: re.Pattern[Any]) -> Sequence[Node]:
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    return _parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags)


@cache
def _taken(pattern: re.Pattern[Any]) -> dict[tuple[int, str], bool]:
    """Return what matchers of a pattern find out together; its parsed nodes are kept as long."""
    return {}


def hostile(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Yield texts that make a matcher go back: the beginning of a match, what runs take, a wrong end."""
    nodes = _parsed(pattern)
    runs = [(before, inner) for before, inner, most in _runs(nodes, "") if most > SHORT]
    everything = _alphabet(nodes, pattern.flags)
    for before, inner in runs:
        own = _alphabet(inner, pattern.flags)
        pumps = [*own, *map("".join, islice(product(own, everything), 12)), _sample(inner)]
        for pump, after in product(dict.fromkeys(pumps), ("", FOREIGN)):
            if pump:
                yield before + pump * (size // len(pump)) + after


def _runs(nodes: Sequence[Node], before: str) -> Iterator[tuple[str, Sequence[Node], int]]:
    """Yield each repetition and its longest, with the least text that leads to it."""
    for kind, value in nodes:
        if kind in REPEATS:
            yield before, value[2], value[1]
            yield from _runs(value[2], before)
        elif kind is op.SUBPATTERN:
            yield from _runs(value[3], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _runs(branch, before)
        elif kind is op.ATOMIC_GROUP:
            yield from _runs(value, before)
        before += _sample([(kind, value)])


def _sample(nodes: Sequence[Node]) -> str:
    """Return a short text that the nodes take."""
    parts = []
    for kind, value in nodes:
        if kind in SINGLE:
            parts.append(next(iter(_characters(kind, value)), "a"))
        elif kind in REPEATS:
            parts.append(_sample(value[2]) * value[0])
        elif kind is op.SUBPATTERN:
            parts.append(_sample(value[3]))
        elif kind is op.BRANCH:
            parts.append(_sample(value[1][0]))
        elif kind is op.ATOMIC_GROUP:
            parts.append(_sample(value))
    return "".join(parts)


def _singles(nodes: Sequence[Node]) -> Iterator[Node]:
    for kind, value in nodes:
        if kind in SINGLE:
            yield kind, value
        elif kind in REPEATS:
            yield from _singles(value[2])
        elif kind is op.SUBPATTERN:
            yield from _singles(value[3])
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _singles(branch)
        elif kind is op.ATOMIC_GROUP:
            yield from _singles(value)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _singles(value[1])


def _characters(kind: object, value: Any) -> Iterator[str]:
    """Yield characters that a node takes."""
    items = value if kind is op.IN else [(kind, value)]
    if kind is op.ANY or kind is op.NOT_LITERAL or items[0][0] is op.NEGATE:
        yield from (char for char in "a7 x;" if holds(kind, value, char, 0))
        return
    for each, what in items:
        if each is op.LITERAL:
            yield chr(what)
        elif each is op.RANGE:
            yield chr(what[0])
        else:
            yield SAMPLES.get(str(what), "-")


def _alphabet(nodes: Sequence[Node], flags: int) -> list[str]:
    """Return one character for each set of nodes that characters can be taken by."""
    singles = list(_singles(nodes))
    kinds: dict[tuple[bool, ...], str] = {}
    for char in dict.fromkeys(char for node in singles for char in _characters(*node)):
        kinds.setdefault(tuple(holds(*each, char, flags) for each in singles), char)
        if len(kinds) == KINDS:
            break
    return list(kinds.values())
