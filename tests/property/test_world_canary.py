"""Laws of the search for planted values."""

import base64
import gzip
import io
import string
import zipfile
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riosim.evidence.canary import find_canaries

_LETTERS = string.ascii_letters + string.digits
VALUES = st.text(_LETTERS + "-_$/+ .", min_size=12, max_size=40).filter(
    lambda v: sum(c in _LETTERS for c in v) >= 8 and v == v.strip()
)
AROUND = st.binary(max_size=40)


@given(VALUES, AROUND, AROUND)
def test_a_value_is_found_plain_wherever_it_stands(value, before, after):
    assert find_canaries(before + value.encode() + after, {"k": value}) == {"k"}


@given(VALUES, AROUND, AROUND)
def test_a_value_is_found_in_base64_at_any_alignment(value, before, after):
    data = before + value.encode() + after
    for code in (base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes):
        assert find_canaries(code(data), {"k": value}) == {"k"}


@given(VALUES)
def test_a_value_is_found_in_other_spellings(value):
    spellings = {
        "percent": quote(value, safe=""),
        "every letter as percent": "".join(f"%{byte:02X}" for byte in value.encode()),
        "percent twice": quote(quote(value, safe=""), safe=""),
        "hexadecimal": value.encode().hex(),
        "hexadecimal, upper case": value.encode().hex().upper(),
        "hexadecimal with colons": value.encode().hex(":"),
        "backwards": value[::-1],
        "upper case": value.upper(),
        "lower case": value.lower(),
        "letter by letter": " ".join(value),
        "on many lines": "\r\n".join(value),
        "as a list": str(list(value)),
    }
    for name, text in spellings.items():
        assert find_canaries(f"x={text}&y=1", {"k": value}) == {"k"}, name


@given(VALUES)
def test_a_value_is_found_in_packed_files(value):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", f"a {value} b")
    assert find_canaries(gzip.compress(value.encode()), {"k": value}) == {"k"}
    assert find_canaries(b"--boundary\r\n\r\n" + packed.getvalue(), {"k": value}) == {"k"}


@given(st.binary(max_size=400), VALUES)
def test_a_value_that_is_absent_is_not_found(data, value):
    marked = f"Zq{value}qZ7315"
    assert find_canaries(data, {"k": marked}) == frozenset()


@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda b: b"\x1f\x8b" + b),
                 st.binary(max_size=300).map(lambda b: b"PK\x03\x04" + b)))  # fmt: skip
def test_no_bytes_make_the_search_fail(data):
    find_canaries(data, {"a": "correct horse battery", "b": "4821", "c": "", "d": "é" * 20})


@pytest.mark.parametrize("text", ["pin 4821.", "pin=4821&x", "%34%38%32%31"])
def test_a_short_value_is_found_as_a_whole_word(text):
    assert find_canaries(text, {"pin": "4821"}) == {"pin"}


@pytest.mark.parametrize("text", ["14821", "48210", "4 8 2 1", "a4821b"])
def test_a_short_value_is_not_found_inside_other_words(text):
    assert find_canaries(text, {"pin": "4821"}) == frozenset()
