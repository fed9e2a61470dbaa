"""Tools that train models and use them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Optional

from snakepit_bridge.adapters.showcase.extra import extra
from snakepit_bridge.adapters.showcase.programs import Program, Programs
from snakepit_bridge.session_context import SessionContext
from snakepit_bridge.streaming import StreamChunk
from snakepit_bridge.tools import tool

_log = logging.getLogger(__name__)
_NAIVE_BAYES = "naive_bayes"


class LearningTools:
    """Keeps the programs of sessions."""

    def __init__(self) -> None:
        super().__init__()
        self._programs = Programs()

    def cleanup_session(self, session_id: str) -> None:
        """Lets go of what was made in a session that has ended."""
        self._programs.forget(session_id)

    @tool(supports_streaming=True)
    def batch_inference(
        self,
        items: Optional[list[Any]] = None,
        batch_items: Optional[list[Any]] = None,
        images: Optional[list[Any]] = None,
        model_path: Optional[str] = None,
    ) -> Iterator[Any]:
        """Classify items, one chunk for each: handwritten digits, or what a model was trained for.

        :param items: paths of images, arrays of pixels, or vectors of features; ``batch_items`` and
            ``images`` are other names for them.
        :param model_path: an ``.npz`` that ``distributed_training`` wrote. Default: scikit-learn's digits.
        :returns: chunks ``item, index, prediction, confidence`` (0 to 1), ``progress, total``; with ``error``
            in place of a prediction for an item that cannot be read; at last ``total_processed, errors,
            message``. ``item`` is the path, or the position of what is none.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.inference import digits_model, predict
            from snakepit_bridge.adapters.showcase.network import Network
        batch = _only(items=items, batch_items=batch_items, images=images)
        model = digits_model() if model_path is None else Network.load(model_path)
        errors = 0
        for index, item in enumerate(batch):
            # Pixels would only go back to who has them.
            name = item if isinstance(item, str) else index
            facts = {"item": name, "index": index, "progress": index + 1, "total": len(batch)}
            if images is not None:
                facts["image"] = name
            try:
                prediction, confidence = predict(model, item)
            except (ValueError, OSError) as error:
                errors += 1
                yield {**facts, "error": str(error)}
            else:
                yield {**facts, "prediction": prediction, "confidence": confidence}
        message = f"Processed {len(batch) - errors} of {len(batch)} items successfully"
        summary = {"total_processed": len(batch), "errors": errors, "message": message}
        yield StreamChunk(summary, is_final=True)

    @tool(supports_streaming=True)
    def distributed_training(
        self,
        dataset_path: str,
        model_config: Optional[dict[str, Any]] = None,
        training_config: Optional[dict[str, Any]] = None,
    ) -> Iterator[Any]:
        """Train a classifier in several processes, whose parameters are averaged after each epoch.

        :param dataset_path: a CSV of numbers and labels, a folder of them, or one of scikit-learn's: digits,
            iris, wine, breast_cancer.
        :param model_config: ``architecture`` (mlp, linear), ``layers``, ``hidden_size``. In place of another
            architecture, such as transformer, a small mlp is trained, and the log warns.
        :param training_config: ``epochs, batch_size, learning_rate, learning_rate_decay, validation_split,
            workers, seed, model_path``.
        :returns: chunks ``epoch, total_epochs, train_loss, val_loss, train_acc, val_acc, learning_rate``; at
            last ``final_model_path, best_val_accuracy, total_epochs, message``.
        """
        with extra():
            from snakepit_bridge.adapters.showcase.training import train
            from snakepit_bridge.adapters.showcase.training_options import read_options
        for chunk in train(dataset_path, read_options(model_config or {}, training_config or {})):
            last = "final_model_path" in chunk
            yield StreamChunk({**chunk, "message": "Training complete"}, is_final=True) if last else chunk

    @tool
    def create_program(
        self,
        ctx: SessionContext,
        signature: str = "text -> label",
        examples: Optional[list[dict[str, Any]]] = None,
        temperature: Optional[float] = None,
        model: Optional[str] = None,
    ) -> dict[str, Any]:
        """Train a text classifier on examples, and keep it for the session.

        :param signature: the names of what comes in and what goes out.
        :param examples: maps with all of these names. Default for ``question -> answer``: some capitals.
        :param temperature: below 1 answers are surer of themselves, above less sure. Default 1.
        :param model: there is one, ``naive_bayes``. For any other name it is used as well, and the log warns.
        :returns: ``program_id``, and all that makes the same program again.
        """
        if model not in (None, _NAIVE_BAYES):
            _log.warning("create_program does not load the model %r; it used %r", model, _NAIVE_BAYES)
        program = Program({"signature": signature, "examples": examples, "temperature": temperature})
        program_id = self._programs.add(ctx.session_id, program)
        return {"program_id": program_id, "model": _NAIVE_BAYES, **program.description}

    @tool
    def execute_program(
        self,
        ctx: SessionContext,
        program_id: str,
        input: dict[str, Any],
        program: Optional[dict[str, Any]] = None,
    ) -> dict[str, Any]:
        """Ask a program of the session.

        :param program: what ``create_program`` gave, for a worker that does not know the program.
        :returns: ``program_id``, ``output`` (a map), ``confidence`` (0 to 1) and ``alternatives``, the
            probabilities of the likeliest outputs.
        """
        known = self._programs.get(ctx.session_id, program_id, program)
        return {"program_id": program_id, **known.run(input)}


def _only(**lists: Optional[list[Any]]) -> list[Any]:
    """The one list that is given and has items."""
    given = [value for value in lists.values() if value]
    if len(given) != 1:
        raise ValueError(f"give one of {', '.join(lists)}, with at least one item")
    return given[0]
