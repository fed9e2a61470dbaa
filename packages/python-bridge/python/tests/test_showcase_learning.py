"""Training in several processes, and inference with what was trained."""

from __future__ import annotations

import logging
import os
import pickle
import signal
from pathlib import Path
from typing import Any

import pytest

np: Any = pytest.importorskip("numpy")
pytest.importorskip("pandas")

from snakepit_bridge.adapters.showcase import shard_process, training  # noqa: E402
from snakepit_bridge.adapters.showcase.network import (  # noqa: E402
    Network,
    evaluate,
    gradient,
    initial_parameters,
)
from snakepit_bridge.adapters.showcase.training_data import load_table, split  # noqa: E402
from snakepit_bridge.adapters.showcase.training_options import read_options  # noqa: E402


def blobs(path: Path, count: int = 120) -> str:
    """Three well separated clouds of points, as a CSV whose label is a word."""
    random = np.random.default_rng(3)
    names = ["red", "green", "blue"]
    lines = ["x,y2,label"]
    for number in range(count):
        x, y = random.normal(0, 0.4, 2) + 4 * np.array([number % 3, (number % 3) ** 2])
        lines.append(f"{x},{y},{names[number % 3]}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[shard_process.ShardProcess]:
    """The processes that a training has launched."""
    processes: list[shard_process.ShardProcess] = []

    class Noted(shard_process.ShardProcess):
        def __init__(self) -> None:
            super().__init__()
            processes.append(self)

    monkeypatch.setattr(training, "ShardProcess", Noted)
    return processes


def has_ended(process: shard_process.ShardProcess) -> bool:
    return process._process.returncode is not None


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(1)
    sizes, rows, labels = (3, 4, 2), random.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    parameters = initial_parameters(sizes, random)
    slope, step = gradient(parameters, sizes, rows, labels), 1e-6
    for index in range(len(parameters)):
        shift = np.zeros(len(parameters))
        shift[index] = step
        above, below = (evaluate(parameters + each, sizes, rows, labels)[0] for each in (shift, -shift))
        assert slope[index] == pytest.approx((above - below) / (2 * step), abs=1e-6)


def test_training(tmp_path: Path, launched: list[shard_process.ShardProcess]) -> None:
    path = str(tmp_path / "model.npz")
    options = read_options(
        {"layers": 1, "hidden_size": 8},
        {"epochs": 8, "batch_size": 8, "workers": 3, "learning_rate": 0.05, "model_path": path},
    )
    data = blobs(tmp_path / "blobs.csv")
    *epochs, end = training.train(data, options)
    assert [chunk["epoch"] for chunk in epochs] == list(range(1, 9))
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"] / 2
    assert epochs[1]["learning_rate"] == pytest.approx(0.05 * 0.95)
    assert end == {
        "final_model_path": path,
        "best_val_accuracy": max(chunk["val_acc"] for chunk in epochs),
        "total_epochs": 8,
    }
    assert end["best_val_accuracy"] > 0.9
    assert len(launched) == 3 and all(map(has_ended, launched))
    model = Network.load(path)
    assert model.classes.tolist() == ["blue", "green", "red"]
    likeliest = model.probabilities(np.array([[0.0, 0.0], [4.0, 4.0], [8.0, 16.0]])).argmax(axis=1)
    assert model.classes[likeliest].tolist() == ["red", "green", "blue"]


def test_the_average_is_over_all_shards(tmp_path: Path) -> None:
    """One epoch by hand: every shard alone, then their mean weighted by their rows."""
    from snakepit_bridge.adapters.showcase.shard import Shard

    data = blobs(tmp_path / "blobs.csv", 31)
    options = read_options(
        {"architecture": "linear"}, {"epochs": 1, "workers": 2, "model_path": str(tmp_path / "model.npz")}
    )
    list(training.train(data, options))
    random = np.random.default_rng(options.seed)
    train = split(load_table(data), options.validation_split, random).train
    model = Network.load(str(tmp_path / "model.npz"))
    start = initial_parameters(model.sizes, random)
    learned = []
    for number in range(2):
        rows, labels = model.standardize(train.rows[number::2]), train.labels[number::2]
        shard = Shard(model.sizes, options.batch_size, options.seed + number, rows, labels)
        learned.append(shard.epoch(options.learning_rate, start))
    expected = (13 * learned[0] + 12 * learned[1]) / 25
    assert model.parameters == pytest.approx(expected, rel=1e-12)
    assert not np.allclose(learned[0], learned[1])


def test_leaving_a_training_ends_its_processes(
    tmp_path: Path, launched: list[shard_process.ShardProcess]
) -> None:
    path = tmp_path / "model.npz"
    options = read_options({}, {"epochs": 1000, "model_path": str(path)})
    chunks: Any = training.train(blobs(tmp_path / "blobs.csv"), options)
    next(chunks)
    assert not any(map(has_ended, launched))
    chunks.close()
    assert len(launched) == 2 and all(map(has_ended, launched))
    assert not path.exists()


def test_a_process_that_dies_ends_the_training(
    tmp_path: Path, launched: list[shard_process.ShardProcess]
) -> None:
    chunks = training.train(blobs(tmp_path / "blobs.csv"), read_options({}, {"epochs": 1000}))
    next(chunks)
    os.kill(launched[0]._process.pid, signal.SIGKILL)
    with pytest.raises(EOFError, match="a process of the training has ended"):
        next(chunks)
    assert all(map(has_ended, launched))


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ({"heads": 8}, {}, "model_config has no 'heads'; there are architecture"),
        ({}, {"epoch": 1}, "training_config has no 'epoch'"),
        ({}, {"epochs": 0}, "epochs is 0; give an integer from 1 to 100000"),
        ({}, {"epochs": True}, "epochs is True"),
        ({}, {"learning_rate": "fast"}, "learning_rate is 'fast'; give a number"),
        ({}, {"learning_rate": float("nan")}, "learning_rate is nan"),
        ({}, {"model_path": 5}, "model_path is 5; give the path of a file"),
        ({}, {"model_path": "/nowhere/model.npz"}, "in a folder that does not exist"),
        ({}, {"model_path": "/"}, "is a folder itself"),
        ({"architecture": "transformer", "hidden_size": 0}, {}, "hidden_size is 0"),
    ],
)
def test_options(model: dict[str, Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_options(model, options)


def test_an_architecture_that_is_not_built_here(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        large = read_options({"architecture": "transformer", "layers": 24, "hidden_size": 1024}, {})
        small = read_options({"architecture": "cnn", "layers": 1, "hidden_size": 8}, {})
    assert (large.architecture, large.hidden) == ("mlp", (128, 128))
    assert small.hidden == (8,)
    assert "'transformer' (there are linear, mlp); it trains an 'mlp'" in caplog.messages[0]
    asked = {"architecture": "mlp", "layers": 3, "hidden_size": 200}
    assert read_options(asked, {}).hidden == (200, 200, 200)
    assert len(caplog.messages) == 2


def test_data_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "endless.csv").write_text("a,b,label\n1,1,x\n2,inf,y\n3,2,x\n4,2,y\n")
    with pytest.raises(ValueError, match="infinite numbers in b"):
        load_table(str(tmp_path / "endless.csv"))
    (tmp_path / "words.csv").write_text("a,b\nx,1\ny,2\n")
    with pytest.raises(ValueError, match="a are not"):
        load_table(str(tmp_path / "words.csv"))
    (tmp_path / "few.csv").write_text("a,label\n1,1\n2,1\n")
    with pytest.raises(ValueError, match="2 rows of 1 classes"):
        load_table(str(tmp_path / "few.csv"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"without any \.csv file"):
        load_table(str(tmp_path / "empty"))


def test_only_own_models_are_read(tmp_path: Path) -> None:
    """A pickle that would write a file when opened writes none."""

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "sprung",)

    pickled, packed, foreign = (tmp_path / name for name in ("model.pkl", "packed.npz", "foreign.npz"))
    pickled.write_bytes(pickle.dumps(Trap()))
    np.savez(packed, format=np.array([Trap()], dtype=object))
    np.savez(foreign, weights=np.zeros(3))
    for path in (pickled, packed, foreign):
        with pytest.raises(ValueError, match="is no model of this adapter"):
            Network.load(str(path))
    assert not (tmp_path / "sprung").exists()


def test_inference(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    image_module = pytest.importorskip("PIL.Image")
    from sklearn.datasets import load_digits

    from snakepit_bridge.adapters.showcase.inference import digits_model, predict

    digits, model = load_digits(), digits_model()
    assert digits_model() is model
    right = model.classes[model.probabilities(digits.data).argmax(axis=1)] == digits.target
    assert right.mean() > 0.95
    vector = digits.data[0]
    label, confidence = predict(model, vector.tolist())
    assert label == 0 and 0.9 < confidence <= 1
    assert predict(model, vector.reshape(8, 8)) == (label, confidence)
    enlarged = np.kron(vector.reshape(8, 8), np.ones((4, 4))) * 255 / 16
    path = tmp_path / "zero.png"
    image_module.fromarray(enlarged.astype(np.uint8)).save(path)
    assert predict(model, str(path))[0] == predict(model, enlarged)[0] == 0
    for wrong in ([1.0, 2.0], "no number", [float("nan")] * 64, {"a": 1}):
        with pytest.raises((ValueError, FileNotFoundError)):
            predict(model, wrong)
