"""Programs that answer from examples, such as ``question -> answer``."""

from __future__ import annotations

import math
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from snakepit_bridge.adapters.showcase.text_counts import words_of

MAX_EXAMPLES = 100_000
#: How many of the likeliest outputs an answer tells.
_TOLD = 5
_CAPITALS = {
    "Australia": "Canberra",
    "Brazil": "Brasília",
    "Canada": "Ottawa",
    "China": "Beijing",
    "Egypt": "Cairo",
    "France": "Paris",
    "Germany": "Berlin",
    "India": "New Delhi",
    "Italy": "Rome",
    "Japan": "Tokyo",
    "Kenya": "Nairobi",
    "Spain": "Madrid",
}
#: What a ``question -> answer`` program knows that is given nothing to learn from.
CAPITALS = [
    {"question": f"What is the capital of {country}?", "answer": capital}
    for country, capital in _CAPITALS.items()
]


class TextClassifier:
    """Naive Bayes over words: the label whose examples make the words of a text the likeliest."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._examples = Counter(labels)
        self._words: dict[str, Counter[str]] = {label: Counter() for label in self._examples}
        for text, label in zip(texts, labels):
            self._words[label].update(_terms(text))
        self._vocabulary = {word for counts in self._words.values() for word in counts}

    def probabilities(self, text: str, temperature: float = 1.0) -> dict[str, float]:
        """Of every label, the likeliest first. Below 1 a temperature makes them surer, above less sure."""
        known = [word for word in _terms(text) if word in self._vocabulary]
        scores = {label: self._score(label, known) / temperature for label in self._examples}
        highest = max(scores.values())
        weights = {label: math.exp(score - highest) for label, score in scores.items()}
        total = sum(weights.values())
        ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        return {label: weight / total for label, weight in ranked}

    def _score(self, label: str, words: Sequence[str]) -> float:
        """Logarithm of the label's and the words' probability; each word counts once more than seen."""
        counts = self._words[label]
        total = sum(counts.values()) + len(self._vocabulary)
        prior = math.log(self._examples[label])
        return prior + sum(math.log((counts[word] + 1) / total) for word in words)


class Program:
    """Made of a description, and made again from it on any other worker.

    :param description: ``signature``, such as ``text -> label`` or ``title, body -> topic``; ``examples``,
        maps with all of its names; ``temperature``, default 1.
    :raises ValueError: one of them is none that can be used.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        self._inputs, self._output = _parse(description.get("signature"))
        self._temperature = _temperature(description.get("temperature"))
        examples = description.get("examples") or self._built_in()
        texts = [self._text(example, "an example") for example in _checked(examples)]
        labels = [str(_field(example, self._output, "an example")) for example in examples]
        self._classifier = TextClassifier(texts, labels)
        self.description = {
            "signature": f"{', '.join(self._inputs)} -> {self._output}",
            "examples": [dict(example) for example in examples],
            "temperature": self._temperature,
        }

    def run(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """``output``, a map with the signature's output; its ``confidence``, 0 to 1; ``alternatives``, the
        probabilities of the likeliest outputs.

        :raises ValueError: an input of the signature is missing.
        """
        probabilities = self._classifier.probabilities(self._text(values, "the input"), self._temperature)
        best = next(iter(probabilities))
        told = dict(list(probabilities.items())[:_TOLD])
        return {"output": {self._output: best}, "confidence": probabilities[best], "alternatives": told}

    def _built_in(self) -> Sequence[Mapping[str, Any]]:
        return CAPITALS if (*self._inputs, self._output) == ("question", "answer") else []

    def _text(self, values: Mapping[str, Any], what: str) -> str:
        return " ".join(str(_field(values, name, what)) for name in self._inputs)


class Programs:
    """The programs of all sessions, the least recently used ones forgotten. Safe in every thread."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._programs: OrderedDict[tuple[Optional[str], str], Program] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, session: Optional[str], program: Program) -> str:
        """Keeps a program for a session (None: for calls without one), and gives its new id."""
        id = uuid.uuid4().hex
        self._put((session, id), program)
        return id

    def get(
        self, session: Optional[str], id: str, description: Optional[Mapping[str, Any]] = None
    ) -> Program:
        """The program, made again of its description where this process does not have it.

        :raises ValueError: this session has no such program, and no description was given.
        """
        with self._lock:
            program = self._programs.get((session, id))
            if program is not None:
                self._programs.move_to_end((session, id))
                return program
        if description is None:
            advice = "create it with create_program, or give its description as `program`"
            raise ValueError(f"no program {id!r} in this session; {advice}")
        program = Program(description)
        self._put((session, id), program)
        return program

    def forget(self, session: str) -> None:
        """Lets go of the programs of a session."""
        with self._lock:
            for key in [key for key in self._programs if key[0] == session]:
                del self._programs[key]

    def _put(self, key: tuple[Optional[str], str], program: Program) -> None:
        with self._lock:
            self._programs[key] = program
            self._programs.move_to_end(key)
            if len(self._programs) > self._limit:
                self._programs.popitem(last=False)


def _terms(text: str) -> list[str]:
    return [word.casefold() for word in words_of(text)]


def _parse(signature: Any) -> tuple[list[str], str]:
    """The names on both sides of the arrow."""
    left, arrow, right = str(signature or "text -> label").partition("->")
    inputs = [name.strip() for name in left.split(",")]
    output = right.strip()
    if not arrow or not all(name.isidentifier() for name in (*inputs, output)):
        raise ValueError(f"{signature!r} is no signature; write one like `title, body -> topic`")
    return inputs, output


def _temperature(value: Any) -> float:
    temperature = 1.0 if value is None else float(value)
    if not 0.01 <= temperature <= 100:
        raise ValueError(f"temperature is {value}; give 0.01 to 100")
    return temperature


def _checked(examples: Any) -> Sequence[Mapping[str, Any]]:
    is_list = isinstance(examples, (list, tuple)) and all(isinstance(each, Mapping) for each in examples)
    if not is_list or not 1 <= len(examples) <= MAX_EXAMPLES:
        advice = f'give 1 to {MAX_EXAMPLES} to learn from, such as [{{"text": "...", "label": "..."}}]'
        raise ValueError(f"examples are missing or no maps; {advice}")
    return examples  # type: ignore[no-any-return]


def _field(values: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in values:
        raise ValueError(f"{what} has no {name!r}; it has {', '.join(map(str, values)) or 'nothing'}")
    return values[name]
