"""Machine-readable zones: the standard's own specimens, every check digit, repairs of one reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgcore.checks.mrz import LAYOUTS, check_digit, fitted, read_zone

# ICAO 9303 parts 4 to 7: the specimens of Utopia, and part 5's document number of more than nine characters.
SPECIMENS = {
    "TD3": (
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
    ),
    "TD1": (
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    ),
    "TD2": ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"),
    "MRV-A": (
        "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    ),
    "MRV-B": ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<"),
}
LONG_NUMBER = (
    "I<UTOD23145890<7349<<<<<<<<<<<",
    "3407127M9507122UTO<<<<<<<<<<<2",
    "STEVENSON<<PETER<JOHN<<<<<<<<<",
)


@pytest.mark.parametrize("layout", SPECIMENS)
def test_the_standards_specimens_hold(layout: str) -> None:
    zone = read_zone(SPECIMENS[layout])
    assert zone is not None and zone.layout == layout
    assert (zone.failed, zone.repaired) == ((), False)
    assert (zone.surname, zone.given_names, zone.sex) == ("ERIKSSON", "ANNA MARIA", "F")


def test_a_number_of_more_than_nine_characters_is_whole() -> None:
    zone = read_zone(LONG_NUMBER)
    assert zone is not None and zone.failed == ()
    assert zone.number == "D23145890734"


def covered(layout: str) -> list[tuple[int, int]]:
    """Return line and column of each character that a check digit covers in a specimen."""
    one = next(one for one in LAYOUTS if one.name == layout)
    parts = {one.number, one.birth, one.expiry, *([one.optional] if one.composite else [])}
    places = {place for start, end in parts for place in range(start, end)}
    return [divmod(place, one.columns) for place in sorted(places)]


@pytest.mark.parametrize("layout", SPECIMENS)
def test_another_digit_anywhere_is_noticed(layout: str) -> None:
    for line, column in covered(layout):
        lines = [list(text) for text in SPECIMENS[layout]]
        if lines[line][column].isdigit():
            lines[line][column] = str((int(lines[line][column]) + 1) % 10)
            zone = read_zone(["".join(text) for text in lines])
            assert zone is None or zone.failed or zone.repaired, (line, column)


@pytest.mark.parametrize(("wrong", "right"), [("L8989O2C36", "L898902C36"), ("T408122F", "7408122F")])
def test_a_letter_for_a_digit_is_repaired(wrong: str, right: str) -> None:
    first, second = SPECIMENS["TD3"]
    zone = read_zone((first, second.replace(right, wrong)))
    assert zone is not None and zone.failed == ()
    # A date has no letters, so that nothing was guessed there.
    assert zone.repaired == ("O" in wrong)
    assert zone.lines == SPECIMENS["TD3"]


def test_several_readings_are_none() -> None:
    # G and 6 weigh the same modulo 10: two changes of one character each satisfy all check digits.
    number = "G6O000000"
    good = number.replace("O", "0") + check_digit(number.replace("O", "0"))
    bad = number + check_digit(number.replace("O", "0"))
    tail = "UTO7408122F1204159<<<<<<<<<<<<<<"
    line = good + tail + "<"
    closed = line + check_digit(line[:10] + line[13:20] + line[21:43])
    assert read_zone((SPECIMENS["TD3"][0], closed)).failed == ()  # type: ignore[union-attr]
    zone = read_zone((SPECIMENS["TD3"][0], closed.replace(good, bad)))
    assert zone is not None and (zone.lines[1][:9], zone.failed) == ("G60000000", ())
    broken = closed.replace(good, "G60000000" + str((int(good[9]) + 5) % 10))
    broken_zone = read_zone((SPECIMENS["TD3"][0], broken))
    assert broken_zone is not None and broken_zone.failed


def test_lines_of_no_zone_are_none() -> None:
    assert read_zone(()) is None
    assert read_zone(("HELLO", "WORLD")) is None
    assert read_zone(("Q<UTO".ljust(44, "<"), "1".ljust(44, "<"))) is None


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789< ", max_size=60), st.sampled_from([30, 36, 44]))
def test_a_fitted_line_is_as_long_as_its_form(line: str, columns: int) -> None:
    assert len(fitted(line, columns)) == columns


@given(st.lists(st.text("AKLMOPUTZ<0123456789|", max_size=46), min_size=2, max_size=3))
def test_whatever_is_read_has_an_outcome(lines: list[str]) -> None:
    zone = read_zone(lines)
    assert zone is None or all(len(line) in (30, 36, 44) for line in zone.lines)


@given(st.integers(-4, 4))
def test_fillers_are_counted_anew(more: int) -> None:
    first, second = SPECIMENS["TD3"]
    tail = first.rstrip("<")
    zone = read_zone((tail + "<" * (44 - len(tail) + more), second))
    assert zone is not None and zone.lines == SPECIMENS["TD3"]


def test_a_first_letter_that_was_read_as_a_digit_loses_no_zone() -> None:
    zone = read_zone(("1" + SPECIMENS["TD1"][0][1:], *SPECIMENS["TD1"][1:]))
    assert zone is not None and zone.lines == SPECIMENS["TD1"]


def test_a_second_letter_is_a_digit_on_cards_of_the_united_states() -> None:
    for kind, read in (("C1USA", "C1"), ("11UTO", "II")):
        zone = read_zone((kind + SPECIMENS["TD1"][0][5:], *SPECIMENS["TD1"][1:]))
        assert zone is not None and zone.lines[0][:2] == read


def test_a_nationality_that_no_state_has_is_the_issuers_or_stays_as_it_was_read() -> None:
    first, second = SPECIMENS["TD3"]
    for read, wanted, repaired in (("U70", "UTO", False), ("UTQ", "UTO", True), ("132", "132", False)):
        zone = read_zone((first, second[:10] + read + second[13:]))
        assert zone is not None and (zone.nationality, zone.repaired) == (wanted, repaired)
