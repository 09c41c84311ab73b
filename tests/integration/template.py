"""Reads template.yaml as far as the integration tests need it: tables, queues, bucket, secrets."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
REGION = "ap-northeast-2"
PARAMETERS = {
    "Stage": "test",
    "SolapiApiKey": "NCSTESTKEY",
    "SolapiApiSecret": "testsecret",
    "SolapiAccounts": "main,second",
    "SolapiSecondApiKey": "NCSTESTSECOND",
    "SolapiSecondApiSecret": "secondsecret",
    "LinkBaseUrl": "https://go.example.com",
    "ApiBaseUrl": "https://api.example.com",
}
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "allim-test",
}
_VARIABLE = re.compile(r"\$\{([^}!]+)\}")

Node = Any


class _Loader(yaml.SafeLoader):
    """Understands ``!Ref`` and its like."""


def _intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Node:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    match node:
        case yaml.ScalarNode():
            value: Node = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            raise TypeError(node)
    if name == "Fn::GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name: value}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def load() -> Node:
    """Read the template."""
    return yaml.load(TEMPLATE.read_text("utf-8"), Loader=_Loader)


def resources_of(kind: str) -> dict[str, Node]:
    """Properties of the resources of a type, by logical id."""
    return {
        name: each.get("Properties", {})
        for name, each in load()["Resources"].items()
        if each.get("Type") == kind
    }


class Resolver:
    """Works out intrinsics. ``made`` gives what a resource is called, or one of its attributes."""

    def __init__(self, made: Callable[[str, str | None], str]) -> None:
        self.made = made

    def resolve(self, node: Node) -> Node:
        """Put plain values in the places of intrinsics."""
        if isinstance(node, list):
            return [self.resolve(each) for each in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, value),) = node.items()
            if name in self._INTRINSICS:
                return self._INTRINSICS[name](self, value)
        return {name: self.resolve(value) for name, value in node.items()}

    def name(self, name: str) -> str:
        """What ``Ref`` gives."""
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in load()["Parameters"]:
            return str(PARAMETERS.get(name, load()["Parameters"][name].get("Default", "")))
        return self.made(name, None)

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds."""
        return bool(self.resolve(load()["Conditions"][condition]))

    def _sub(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            return self.made(name, attribute) if attribute else self.name(name)

        return _VARIABLE.sub(value, text)

    def _if(self, value: Node) -> Node:
        condition, when_true, when_false = value
        return self.resolve(when_true if self.holds(condition) else when_false)

    def _equals(self, value: Node) -> bool:
        one, other = self.resolve(value)
        return bool(one == other)

    _INTRINSICS: Mapping[str, Callable[["Resolver", Node], Node]] = {
        "Ref": lambda self, value: self.name(value),
        "Condition": lambda self, value: self.holds(value),
        "Fn::GetAtt": lambda self, value: self.made(*value),
        "Fn::Sub": lambda self, value: self._sub(value),
        "Fn::If": lambda self, value: self._if(value),
        "Fn::Equals": lambda self, value: self._equals(value),
        "Fn::Not": lambda self, value: not self.resolve(value)[0],
        "Fn::And": lambda self, value: all(self.resolve(value)),
        "Fn::Or": lambda self, value: any(self.resolve(value)),
    }
