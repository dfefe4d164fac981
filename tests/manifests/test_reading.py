import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import ManifestError
from manifests.reading import dump, read
from manifests.shaping import SECTIONS, shape

BASE_DIR = Path(__file__).resolve().parents[2]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["on", "NO", "007", "10:30", "1e3", "2026-12-02", "~", "<<", "1_0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_what_is_written_is_read_back_as_it_was(document):
    assert read(dump(document)) == document


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_other_readers_of_yaml_take_no_text_of_ours_for_something_else(document):
    assert yaml.safe_load(dump(document)) == document


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_json_is_read_too(document):
    assert read(json.dumps(document, indent="\t")) == document


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on: [mon]", {"on": ["mon"]}),
        ("off: true", {"off": True}),
        ("a: NO", {"a": "NO"}),
        ("a: 007", {"a": "007"}),
        ("a: 10:30", {"a": "10:30"}),
        ("a: 2026-12-02", {"a": "2026-12-02"}),
        ("a: 50-74K", {"a": "50-74K"}),
        ("a: 1.0", {"a": 1}),
        ("a: -2.5e1", {"a": -25}),
        ("a:", {"a": None}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
    ],
)
def test_plain_words_are_what_they_look_like(written, value):
    assert read(written) == value


def test_a_small_file_that_its_aliases_make_huge_is_refused_at_once():
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ManifestError, match="more than 1,000,000 values"):
        read("\n".join(["l0: &l0 [x]", *levels]))


def test_an_alias_may_stand_for_a_rule():
    assert read("a: &gold {all: []}\nb: [*gold, *gold]")["b"] == [{"all": []}, {"all": []}]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("a: 1\nb: 2\na: 3", "a: stands here twice. Keep one of the two."),
        ("a: [{b: {c: 1, c: 1}}]", "a[0].b.c: stands here twice. Keep one of the two."),
        ('{"a": {"b": 1, "b": 2}}', "a.b: stands here twice. Keep one of the two."),
        ("a: {1: b}", "a.1: A key must be text: write it in quotes."),
        ('a: "x\\0"', "a: holds a character that cannot be stored. Take it out."),
        ('{"a": "\\ud800"}', "a: holds a character that cannot be stored. Take it out."),
        ("a: 1e999", "a: is too large a number."),
        ("a: !!binary aGk=", "a: must be text, a number, true or false, a list or a mapping."),
        ("a: [1", "line 1, column 6: This is not YAML: while parsing a flow sequence expected"),
        ("a: !!python/object:os.system {}", "This is not YAML: could not determine a constructor"),
        ("a: &x [*x]", "This is not YAML: found unconstructable recursive node."),
        ("a: \x07", "This is not YAML: unacceptable character #x0007"),
        ("[" * 5000, "The file is nested too deeply."),
        ('{"a":' * 100_000, "The file is nested too deeply."),
        ("a: 1\n---\nb: 2", "line 2, column 1: This is not YAML: expected a single document"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(written, fault):
    with pytest.raises(ManifestError) as caught:
        read(written)
    assert fault in str(caught.value)


def test_the_whole_file_of_the_documentation_has_the_form_of_a_manifest():
    text = (BASE_DIR / "docs" / "manifest.md").read_text()
    document = read(text.partition("```yaml\n")[2].partition("```")[0])
    _, faults = shape(document)
    assert faults == []
    assert set(document) == set(SECTIONS)
