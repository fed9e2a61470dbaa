"""What a training can be told."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Optional

_log = logging.getLogger(__name__)
ARCHITECTURES = ("linear", "mlp")
#: At most so large is the ``mlp`` that takes the place of an architecture that is not built here: layers and
#: units that suit a transformer would make it train for days.
_STAND_IN_LAYERS, _STAND_IN_SIZE = 2, 128


class Options(NamedTuple):
    """The model is an ``mlp`` of ``layers`` hidden layers with ``hidden_size`` units each, or ``linear``.

    ``learning_rate`` is multiplied by ``learning_rate_decay`` after each epoch. ``validation_split`` is the
    share of rows that is never trained on. ``workers`` processes train, each on its part of the others.
    ``model_path`` is where the best model goes; default: a new file in the folder for temporary files.
    """

    architecture: str = "mlp"
    layers: int = 1
    hidden_size: int = 64
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 0.01
    learning_rate_decay: float = 0.95
    validation_split: float = 0.2
    workers: int = 2
    seed: int = 0
    model_path: Optional[str] = None

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return () if self.architecture == "linear" else (self.hidden_size,) * self.layers


#: Smallest and largest value of each option that is a number.
_BOUNDS: dict[str, tuple[float, float]] = {
    "layers": (1, 64),
    "hidden_size": (1, 4096),
    "epochs": (1, 100_000),
    "batch_size": (1, 1_000_000),
    "learning_rate": (1e-9, 10),
    "learning_rate_decay": (1e-3, 1),
    "validation_split": (0.01, 0.9),
    "workers": (1, 16),
    "seed": (0, 2**32),
}
_MODEL_KEYS = ("architecture", "layers", "hidden_size")


def read_options(model: Mapping[str, Any], training: Mapping[str, Any]) -> Options:
    """What was given, and defaults. For an architecture that is not built here there is a small ``mlp``, and
    the log warns.

    :raises ValueError: an option is unknown or out of bounds; the message names what can be given.
    """
    training_keys = [name for name in Options._fields if name not in _MODEL_KEYS]
    _check_names("model_config", model, _MODEL_KEYS)
    _check_names("training_config", training, training_keys)
    options = Options(**{**model, **training})
    for name, (smallest, largest) in _BOUNDS.items():
        _check(name, getattr(options, name), smallest, largest)
    _check_path(options.model_path)
    return options if options.architecture in ARCHITECTURES else _stand_in(options)


def _stand_in(options: Options) -> Options:
    layers, size = min(options.layers, _STAND_IN_LAYERS), min(options.hidden_size, _STAND_IN_SIZE)
    _log.warning(
        "distributed_training does not build the architecture %r (there are %s); it trains an 'mlp' with "
        "layers=%d, hidden_size=%d",
        options.architecture,
        ", ".join(ARCHITECTURES),
        layers,
        size,
    )
    return options._replace(architecture="mlp", layers=layers, hidden_size=size)


def _check_names(place: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"{place} has no {unknown[0]!r}; there are {', '.join(known)}")


def _check(name: str, value: Any, smallest: float, largest: float) -> None:
    wanted = type(Options._field_defaults[name])
    is_number = isinstance(value, (int, wanted)) and not isinstance(value, bool)
    if not is_number or not smallest <= value <= largest:
        kind = "an integer" if wanted is int else "a number"
        raise ValueError(f"{name} is {value!r}; give {kind} from {smallest:g} to {largest:g}")


def _check_path(path: Any) -> None:
    """Before a training whose model would have no place to go."""
    if path is None:
        return
    if not isinstance(path, str) or not path:
        raise ValueError(f"model_path is {path!r}; give the path of a file")
    file = Path(path).expanduser()
    if file.is_dir() or not file.parent.is_dir():
        what = "a folder itself" if file.is_dir() else "in a folder that does not exist"
        raise ValueError(f"model_path {path!r} is {what}; give a file in a folder that does")
