"""A subset of n8n for the recipe's workflow: it runs the nodes of the JSON and records waits.

It supports only the expressions of the recipe and rejects others.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

Item = dict[str, Any]
Call = Callable[[str, str, Mapping[str, str], Item | None], tuple[int, Mapping[str, str], Any]]
"""(method, url, headers, body) to (status, headers, body)."""

_HOLE = re.compile(r"\{\{ ([^{}]+) \}\}")
_NUMBER = re.compile(r"Number\((.+) \|\| 0\)")
_PATH = re.compile(r"(?:\$json|\$\('(?P<node>[^']+)'\)\.item\.json)(?P<path>(?:\.\w+|\['[\w-]+'\])*)")
_STEP = re.compile(r"\.(\w+)|\['([\w-]+)'\]")
MOST_STEPS = 500


class Stopped(Exception):
    """The node "Stop and Error" was reached."""


class Workflow:
    """A workflow, run until nothing is left or an error stops it."""

    def __init__(self, document: Item, call: Call) -> None:
        self.document = document
        self.nodes = {node["name"]: node for node in document["nodes"]}
        self.waits: list[tuple[str, float]] = []
        self.runs: Counter[str] = Counter()
        self._call = call
        self._last: dict[str, Item] = {}
        self._queues: dict[str, list[Item]] = {}

    def run(self, start: str) -> None:
        """Run from the trigger on."""
        waiting: list[tuple[str, list[Item]]] = [(start, [{}])]
        while waiting:
            name, items = waiting.pop()
            self.runs[name] += 1
            assert sum(self.runs.values()) < MOST_STEPS, self.runs
            outputs = self._execute(name, items)
            targets = self.document["connections"].get(name, {"main": []})["main"]
            for output, given in outputs.items():
                if given and output < len(targets):
                    waiting += [(target["node"], given) for target in targets[output]]

    def _execute(self, name: str, items: list[Item]) -> dict[int, list[Item]]:
        """Return the items at each of the node's outputs."""
        node = self.nodes[name]
        parameters = node["parameters"]
        match node["type"].removeprefix("n8n-nodes-base."):
            case "manualTrigger":
                return {0: items}
            case "set":
                fields = parameters["assignments"]["assignments"]
                made = [{field["name"]: self.value(field["value"], item) for field in fields} for item in items]
            case "splitOut":
                made = [member for item in items for member in item[parameters["fieldToSplitOut"]]]
            case "filter":
                made = [item for item in items if self._holds(parameters["conditions"], item)]
            case "limit":
                made = items[: parameters["maxItems"]]
            case "splitInBatches":
                return self._next_of(name, items)
            case "httpRequest":
                made = [self._request(parameters, item) for item in items]
            case "if":
                return {0 if self._holds(parameters["conditions"], items[0]) else 1: items}
            case "switch":
                rules = parameters["rules"]["values"]
                chosen = (at for at, rule in enumerate(rules) if self._holds(rule["conditions"], items[0]))
                return {next(chosen, len(rules)): items}
            case "wait":
                assert parameters["unit"] == "seconds"
                self.waits.append((name, float(self.value(parameters["amount"], items[0]))))
                return {0: items}
            case "stopAndError":
                raise Stopped(self.value(parameters["errorMessage"], items[0]))
            case other:
                raise NotImplementedError(other)
        if made:
            self._last[name] = made[0]
        return {0: made}

    def _next_of(self, name: str, items: list[Item]) -> dict[int, list[Item]]:
        queue = self._queues.setdefault(name, list(items))
        if not queue:
            return {0: items}
        self._last[name] = queue.pop(0)
        return {1: [self._last[name]]}

    def _request(self, parameters: Item, item: Item) -> Item:
        headers = self._named(parameters.get("headerParameters"), item)
        body = self._named(parameters["bodyParameters"], item) if parameters.get("sendBody") else None
        status, answered, content = self._call(parameters["method"], self.value(parameters["url"], item), headers, body)
        response = parameters["options"].get("response", {}).get("response", {})
        if status >= 400 and not response.get("neverError"):
            raise Stopped(f"{status}: {content}")
        if response.get("fullResponse"):
            return {"statusCode": status, "headers": dict(answered), "body": content}
        assert isinstance(content, dict)
        return content

    def _named(self, given: Item | None, item: Item) -> Item:
        return {one["name"]: self.value(one["value"], item) for one in (given or {"parameters": []})["parameters"]}

    def _holds(self, conditions: Item, item: Item) -> bool:
        results = [self._is(condition, item) for condition in conditions["conditions"]]
        return all(results) if conditions["combinator"] == "and" else any(results)

    def _is(self, condition: Item, item: Item) -> bool:
        left, right = self.value(condition["leftValue"], item), self.value(condition["rightValue"], item)
        match condition["operator"]["operation"]:
            case "equals":
                return bool(left == right)
            case "contains":
                return str(right).lower() in str(left or "").lower()
            case "gt":
                return bool(left > right)
            case "lte":
                return bool(left <= right)
            case "true":
                return left is True
            case "exists" | "notEmpty":
                return left not in (None, "")
            case other:
                raise NotImplementedError(other)

    def value(self, template: Any, item: Item) -> Any:
        """Return a parameter's value with its expressions evaluated."""
        if not isinstance(template, str) or not template.startswith("="):
            return template
        text = template[1:]
        if whole := _HOLE.fullmatch(text):
            return self._work_out(whole[1], item)
        return _HOLE.sub(lambda hole: str(self._work_out(hole[1], item)), text)

    def _work_out(self, expression: str, item: Item) -> Any:
        if number := _NUMBER.fullmatch(expression):
            return float(self._work_out(number[1], item) or 0)
        found = _PATH.fullmatch(expression)
        assert found, f"an expression that this test does not know: {expression}"
        value: Any = self._last[found["node"]] if found["node"] else item
        for plain, quoted in _STEP.findall(found["path"]):
            value = value.get(plain or quoted) if isinstance(value, dict) else None
        return value


def references(document: Item) -> set[str]:
    """Return the names of all nodes in connections and expressions."""
    text = json.dumps(document["nodes"], ensure_ascii=False)
    linked = {target["node"] for node in document["connections"].values() for out in node["main"] for target in out}
    return linked | set(document["connections"]) | set(re.findall(r"\$\('([^']+)'\)", text))
