"""Strict JSON: everything on which two readers could disagree is refused, with a pointer."""

import codecs
import json
import time

import pytest
from acredita.registry.json_documents.strict import MAX_BYTES, MAX_DEPTH, JsonRefused, read_json
from hypothesis import given, settings
from hypothesis import strategies as st

REFUSED = {
    "duplicate_key": (b'{"a": {"b": 1, "c": 2, "b": 3}}', "/a/b", "JSON_DUPLICATE_KEY"),
    "duplicate_key_spelt_otherwise": (b'{"b": 1, "\\u0062": 3}', "/b", "JSON_DUPLICATE_KEY"),
    "duplicate_key_in_list": (b'[0, {"~a/": 1, "~a/": 1}]', "/1/~0a~1", "JSON_DUPLICATE_KEY"),
    "null": (b'{"a": [1, null]}', "/a/1", "JSON_NULL"),
    "lone_surrogate": (b'{"a": "\\ud800"}', "/a", "JSON_SURROGATE"),
    "lone_surrogate_key": (b'{"\\udc00": 1}', "", "JSON_SURROGATE"),
    "nan": (b'{"a": NaN}', "", "JSON_NUMBER"),
    "infinity": (b'{"a": -Infinity}', "", "JSON_NUMBER"),
    "beyond_double": (b'{"a": 1e999}', "", "JSON_NUMBER"),
    "integer_of_5000_digits": (b"[" + b"9" * 5000 + b"]", "", "JSON_MALFORMED"),
    "not_utf8": (b'{"a": "\xe9"}', "", "JSON_NOT_UTF8"),
    "surrogates_as_utf8": (b'{"a": "\xed\xa0\x80"}', "", "JSON_NOT_UTF8"),
    "two_values": (b"{} {}", "", "JSON_MALFORMED"),
    "trailing_comma": (b'{"a": 1,}', "", "JSON_MALFORMED"),
    "single_quotes": (b"{'a': 1}", "", "JSON_MALFORMED"),
    "empty": (b"", "", "JSON_MALFORMED"),
    "control_character": (b'["\x01"]', "", "JSON_MALFORMED"),
    "too_deep": (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "", "JSON_TOO_DEEP"),
    "too_large": (b'"' + b"x" * MAX_BYTES + b'"', "", "JSON_TOO_LARGE"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, pointer, code = REFUSED[name]
    with pytest.raises(JsonRefused) as caught:
        read_json(data)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


def test_a_byte_order_mark_before_a_text_is_ignored_and_one_inside_is_not() -> None:
    assert read_json(b"\xef\xbb\xbf{}") == {}
    assert read_json(b'\xef\xbb\xbf "\xef\xbb\xbf"') == "\ufeff"
    for twice in (b"\xef\xbb\xbf\xef\xbb\xbf{}", b" \xef\xbb\xbf{}", b"{}\xef\xbb\xbf"):
        with pytest.raises(JsonRefused, match="JSON_MALFORMED"):
            read_json(twice)
    for other in (codecs.BOM_UTF16_LE + "{}".encode("utf-16-le"), codecs.BOM_UTF16_BE + "{}".encode("utf-16-be")):
        with pytest.raises(JsonRefused, match="JSON_NOT_UTF8"):
            read_json(other)


def test_limits_are_the_callers() -> None:
    assert read_json(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(JsonRefused, match="JSON_TOO_DEEP"):
        read_json(b"[[1]]", max_depth=1)
    with pytest.raises(JsonRefused, match="JSON_TOO_LARGE"):
        read_json(b"[1]", max_bytes=2)


def test_brackets_within_texts_are_not_nesting() -> None:
    assert read_json(json.dumps(["[" * 100, '"[' * 50 + "\\"]).encode()) == ["[" * 100, '"[' * 50 + "\\"]


def test_exactly_the_deepest_allowed_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@pytest.mark.parametrize("filler", [b'\\"', b'"', b"[", b"\\", b'{"a":'])
def test_hostile_texts_cost_one_pass(filler: bytes) -> None:
    data = b'["' + filler * (500_000 // len(filler))
    started = time.process_time()
    with pytest.raises(JsonRefused):
        read_json(data)
    # One pass takes milliseconds; a pass for each quotation mark took minutes.
    assert time.process_time() - started < 30


_values = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(_values, st.booleans())
def test_reads_what_json_writes(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert repr(read_json(text.encode("utf-8", "surrogatepass"))) == repr(json.loads(text))
