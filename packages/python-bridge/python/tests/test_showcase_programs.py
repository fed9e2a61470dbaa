"""Programs that learn from examples."""

from __future__ import annotations

from typing import Any

import pytest

from snakepit_bridge.adapters.showcase.programs import Program, Programs, TextClassifier
from snakepit_bridge.adapters.showcase.tensors import filled

MOODS = [
    {"text": "great wonderful happy", "label": "good"},
    {"text": "happy lovely", "label": "good"},
    {"text": "awful sad terrible", "label": "bad"},
]


def test_probabilities_by_hand() -> None:
    """5 words are known; "good" has seen 2 of `a`, "bad" one of `c`; each word counts once more than seen."""
    classifier = TextClassifier(["a a b", "c d e"], ["good", "bad"])
    good, bad = 1 * (3 / 8), 1 * (1 / 8)
    assert classifier.probabilities("A, unheard") == pytest.approx(
        {"good": good / (good + bad), "bad": bad / (good + bad)}
    )
    sharp = classifier.probabilities("a", temperature=0.5)
    assert sharp["good"] == pytest.approx(good**2 / (good**2 + bad**2))


def test_a_program_answers() -> None:
    program = Program({"signature": "text -> label", "examples": MOODS})
    answer = program.run({"text": "so happy"})
    assert answer["output"] == {"label": "good"}
    assert answer["confidence"] == answer["alternatives"]["good"] > 0.5
    assert sum(answer["alternatives"].values()) == pytest.approx(1)
    again = Program({"program_id": "x", **program.description})
    assert again.run({"text": "so happy"}) == answer


def test_several_inputs() -> None:
    examples = [
        {"title": "goal", "body": "the team won", "topic": "sport"},
        {"title": "vote", "body": "the party won", "topic": "politics"},
    ]
    program = Program({"signature": "title, body -> topic", "examples": examples})
    assert program.run({"title": "", "body": "a party"})["output"] == {"topic": "politics"}


def test_the_guide_asks_for_a_capital() -> None:
    program = Program({"signature": "question -> answer", "temperature": 0.7})
    assert program.run({"question": "What is the capital of France?"})["output"] == {"answer": "Paris"}


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"signature": "nonsense"}, "is no signature"),
        ({"signature": "a b -> c"}, "is no signature"),
        ({}, "examples are missing"),
        ({"examples": ["x"]}, "examples are missing or no maps"),
        ({"examples": [{"text": "x"}]}, "an example has no 'label'; it has text"),
        ({"examples": MOODS, "temperature": 0}, "temperature is 0"),
    ],
)
def test_mistakes(description: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Program(description)


def test_sessions_are_apart() -> None:
    programs = Programs()
    program = Program({"examples": MOODS})
    id = programs.add("one", program)
    assert programs.get("one", id) is program
    for session in ("two", None):
        with pytest.raises(ValueError, match="no program"):
            programs.get(session, id)
    rebuilt = programs.get("two", id, program.description)
    assert rebuilt is not program and programs.get("two", id) is rebuilt
    with pytest.raises(ValueError, match="the input has no 'text'; it has nothing"):
        program.run({})


def test_what_a_session_had_goes_with_it() -> None:
    programs = Programs()
    ids = {session: programs.add(session, Program({"examples": MOODS})) for session in ("one", "two")}
    programs.forget("one")
    assert programs.get("two", ids["two"])
    with pytest.raises(ValueError, match="no program"):
        programs.get("one", ids["one"])


def test_the_oldest_is_forgotten() -> None:
    programs = Programs(limit=2)
    ids = [programs.add(None, Program({"examples": MOODS})) for _ in range(2)]
    programs.get(None, ids[0])
    programs.add(None, Program({"examples": MOODS}))
    programs.get(None, ids[0])
    with pytest.raises(ValueError, match="no program"):
        programs.get(None, ids[1])


def test_tensors() -> None:
    tensor = filled([2, 3], 0.5)
    assert tensor.tolist() == [[0.5] * 3] * 2 and tensor.dtype == "float64"
    for shape in ([0], [-1, 2], [1.5], ["2"], [1 << 20, 1 << 20]):
        with pytest.raises(ValueError, match=r"shape"):
            filled(shape)  # type: ignore[arg-type]
