"""The text of a manifest as plain values: dicts, lists, text, numbers, yes and no.

YAML is read as JSON would be: only ``true`` and ``false`` are yes and no, only
JSON's numbers are numbers, and dates and times stay text. So ``on:``, ``off:``,
``NO``, ``007`` and ``10:30`` are what they look like.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from manifests.errors import ManifestError, join
from segments.rules import Fault

MOST_VALUES = 1_000_000  # in one file, each alias counted as what it stands for
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"


class Mapping(dict[Any, Any]):
    """A mapping as it was written; doubled: the keys that stand in it more than once."""

    doubled: tuple[Any, ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[Any, Any]]) -> Mapping:
        pairs = list(pairs)
        mapping = cls(pairs)
        keys = [key for key, _ in pairs]
        mapping.doubled = tuple(key for key in mapping if keys.count(key) > 1)
        return mapping


class Loader(yaml.SafeLoader):
    """YAML's safe loader with the plain values of JSON."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def mapping(self, node: yaml.MappingNode) -> Mapping:
        written = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        self.flatten_mapping(node)
        mapping = Mapping(self.construct_mapping(node, deep=True))
        mapping.doubled = tuple(key for key in mapping if written.count(key) > 1)
        return mapping

    def number(self, node: yaml.ScalarNode) -> int | float:
        return json.loads(node.value)  # type: ignore[no-any-return]


Loader.add_constructor("tag:yaml.org,2002:map", Loader.mapping)
Loader.add_constructor("tag:yaml.org,2002:float", Loader.number)


class Dumper(yaml.SafeDumper):
    """Puts text in quotes where ``Loader`` or any other reader of YAML would misread it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


NUMBERS = ("tag:yaml.org,2002:float", re.compile(f"^{NUMBER}$"), list("-0123456789"))
for resolver in (
    NUMBERS,
    ("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    ("tag:yaml.org,2002:null", re.compile("^(?:null|Null|NULL|~|)$"), ["n", "N", "~", ""]),
    ("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"]),
):
    Loader.add_implicit_resolver(*resolver)
Dumper.add_implicit_resolver(*NUMBERS)


def text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    """Line breaks of every kind are escaped: other quotes would fold them away."""
    style = '"' if re.search("[\n\r\x85\u2028\u2029\ufeff]", value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, text)


def dump(document: dict[str, Any]) -> str:
    """The document as YAML, keys in the order given."""
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def read(text: str) -> Any:
    """The plain values of a manifest.

    Raises ManifestError when it is not YAML (or JSON), or has a key twice or a
    value that cannot be stored.
    """
    try:
        document = parse(text)
        faults = list(walk(document, ""))
        if faults:
            raise ManifestError(faults)
        return plain(document)
    except RecursionError:
        raise ManifestError([Fault("", "The file is nested too deeply.")]) from None


def parse(text: str) -> Any:
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        try:
            return json.loads(text.lstrip("\ufeff"), object_pairs_hook=Mapping.of)
        except json.JSONDecodeError:
            pass  # YAML may be written with braces too, and says where it is wrong
    try:
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if size(node, {}) > MOST_VALUES:
            raise ManifestError([Fault("", f"The file holds more than {MOST_VALUES:,} values.")])
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise ManifestError([Fault(place(error), sentence(error))]) from None
    except yaml.YAMLError as error:
        raise ManifestError(
            [Fault("", f"This is not YAML: {' '.join(str(error).split())}.")]
        ) from None


def size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node is made of once every alias is written out.

    known: the sizes found so far. What holds itself is told when it is made into values.
    """
    found = known.get(id(node))
    if found is not None:
        return found
    known[id(node)] = total = 1
    if isinstance(node, yaml.SequenceNode):
        total += sum(size(each, known) for each in node.value)
    elif isinstance(node, yaml.MappingNode):
        total += sum(size(key, known) + size(each, known) for key, each in node.value)
    known[id(node)] = total
    return total


def place(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def sentence(error: yaml.MarkedYAMLError) -> str:
    return f"This is not YAML: {' '.join(filter(None, (error.context, error.problem)))}."


def walk(value: Any, path: str) -> Iterator[Fault]:
    """Faults of plain values, whatever they mean."""
    if isinstance(value, Mapping):
        for key in value.doubled:
            yield Fault(join(path, str(key)), "stands here twice. Keep one of the two.")
        for key, each in value.items():
            if not isinstance(key, str):
                yield Fault(join(path, str(key)), "A key must be text: write it in quotes.")
            else:
                yield from walk(each, join(path, key))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from walk(each, f"{path}[{position}]")
    elif isinstance(value, str) and not storable(value):
        yield Fault(path, "holds a character that cannot be stored. Take it out.")
    elif isinstance(value, float) and not math.isfinite(value):
        yield Fault(path, "is too large a number.")
    elif value is not None and not isinstance(value, bool | int | float | str):
        yield Fault(path, "must be text, a number, true or false, a list or a mapping.")


def storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def plain(value: Any) -> Any:
    """Ordinary dicts and lists; a whole number is one, however it was written."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
