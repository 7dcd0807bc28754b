"""YAML is read by the rules of version 1.2, within limits, and written so that it reads back the same."""

import time

import pytest

from datagen.errors import SpecError
from datagen.spec.text import MAX_NODES, read_yaml, write_yaml

TRAPS = {
    "on": "on",
    "yes": "yes",
    "NO": "NO",
    "off": "off",
    "y": "y",
    "1e5": 1e5,
    "1E-3": 1e-3,
    "0123": 123,
    "1:30": "1:30",
    "0o17": 15,
    "0x1F": 31,
    "1_000": "1_000",
    "2001-01-01": "2001-01-01",
    "~": None,
    "null": None,
    "": None,
    "true": True,
    "False": False,
    ".5": 0.5,
    "1.": 1.0,
    "+12": 12,
    "'1e5'": "1e5",
    '"true"': "true",
    "'~'": "~",
    "=": "=",
    "1.2.3": "1.2.3",
    "0b1": "0b1",
    "20 cm": "20 cm",
    "12e03": 12000.0,
    "domino[0]": "domino[0]",
}


@pytest.mark.parametrize("text", TRAPS)
def test_scalar_is_what_people_mean(text):
    value = read_yaml(f"key: {text}", "f")[0]["key"]
    assert value == TRAPS[text] and type(value) is type(TRAPS[text])


def test_keys_stay_words():
    assert list(read_yaml("on: 1\n1: 2\ntrue: 3\nnull: 4\n", "f")[0]) == ["on", "1", "true", "null"]


def test_whatever_is_written_is_read_back_unchanged():
    texts = [
        *(text.strip("'\"") for text in TRAPS),
        "a: b",
        "- x",
        "#c",
        "",
        " lead",
        "trail ",
        "line\nbreak",
        "ünï",
        "*a",
        "&a",
        "!x",
        "<<",
    ]
    data = {
        "texts": texts,
        "numbers": [0, -1, 10**15, 0.1, 1e-300, 1e300, -0.5, 1e16, 12345678.9],
        "rest": [True, None, {}, []],
        "keys": {"on": 1, "1e5": 2},
    }
    again = read_yaml(write_yaml(data), "f")[0]
    assert again == data
    assert [type(n) for n in again["numbers"]] == [type(n) for n in data["numbers"]]


BAD = {
    "a: 1\nb:\n  c: 2\n  c: 3\n": "f:4: b.c: the key 'c' is there twice; first in line 3",
    "a: [1, 2\n": "f:2: top level: this is not valid YAML",
    "": "the document is empty",
    "# only a comment\n": "the document is empty",
    "a: 1\n---\nb: 1": "f:2: top level: a second document",
    "a: !!python/object/apply:os.system [ls]": "f:1: a: the tag",
    "a: !custom x": "f:1: a: the tag '!custom'",
    "a: !!str 3": "f:1: a: the tag",
    "a: .inf": "f:1: a: .inf is not a finite number",
    "a: .nan": "f:1: a: .nan is not a finite number",
    "a: -.INF": "f:1: a: -.INF is not a finite number",
    "a: 1e999": "f:1: a: 1e999 is not a finite number",
    "a: &x [*x]": "f:1: a[0]: the alias *x names nothing",
    "a: *nothing": "f:1: a: the alias *nothing",
    "<<: {a: 1}": "merge keys",
    "? [a]\n: b": "f:1: top level: a key is not a word",
    "a: \x01": "f:1: top level: a character is not allowed",
    "a:\n  b\n\tc: d": "not valid YAML",
    "a: " + "9" * 5000: "f:1: a: a number of 5000 characters",
    "a: " + "[" * 5000: "nested too deeply",
    "k" * 100 + ": 1": "a key of 100 characters",
    "a: '" + "x" * 1_000_001 + "'": "at most 1000000 bytes",
}


@pytest.mark.parametrize("text", BAD)
def test_what_is_not_a_small_yaml_document_is_one_sentence(text):
    with pytest.raises(SpecError) as caught:
        read_yaml(text, "f")
    assert BAD[text] in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_alias_bomb_is_refused_at_once():
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    rows += [f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in zip("abcdefghij", "bcdefghijk", strict=True)]
    start = time.perf_counter()
    with pytest.raises(SpecError, match=f"too many values, counted through aliases; at most {MAX_NODES}"):
        read_yaml("\n".join(rows), "f")
    assert time.perf_counter() - start < 2.0


def test_aliases_share_a_value_and_every_value_has_its_line():
    data, source = read_yaml("a: &x\n  b: [1,\n    2]\nc: *x\n", "f")
    assert data["c"] == data["a"] == {"b": [1, 2]}
    assert source.where(("a", "b", 1)) == "f:3: a.b[1]" and source.where(("c", "new")) == "f:4: c.new"
