"""Trains one network in several processes, each with a part of the data."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Optional

import numpy as np

from snakepit_bridge.adapters.showcase.network import Floats, Network, evaluate, initial_parameters
from snakepit_bridge.adapters.showcase.shard_process import ShardProcess
from snakepit_bridge.adapters.showcase.training_data import Split, Table, load_table, split
from snakepit_bridge.adapters.showcase.training_options import Options


def train(dataset_path: str, options: Options) -> Iterator[dict[str, Any]]:
    """Each epoch every shard trains on its rows, and the mean of their parameters is where the next begins.

    Yields after each epoch ``epoch, total_epochs, train_loss, val_loss`` (nats), ``train_acc, val_acc`` (0 to
    1) of the averaged model, and its ``learning_rate``. At last ``final_model_path``, a file for
    ``Network.load`` with the parameters of the best epoch, ``best_val_accuracy`` and ``total_epochs``.

    :raises ValueError: what is at ``dataset_path`` is nothing to train on.
    """
    random = np.random.default_rng(options.seed)
    parts = split(load_table(dataset_path), options.validation_split, random)
    network = _new_network(parts.train, options, random)
    scaled = Split(*(part._replace(rows=network.standardize(part.rows)) for part in parts))
    best_accuracy, best = -1.0, network.parameters
    with ExitStack() as stack:
        shards = _launch(stack, network.sizes, options, scaled.train)
        for epoch in range(1, options.epochs + 1):
            rate = options.learning_rate * options.learning_rate_decay ** (epoch - 1)
            network.parameters = _average_epoch(shards, rate, network.parameters)
            report = _report(network, scaled)
            if report["val_acc"] > best_accuracy:
                best_accuracy, best = report["val_acc"], network.parameters
            yield {"epoch": epoch, "total_epochs": options.epochs, **report, "learning_rate": rate}
    network.parameters = best
    path = _new_file(options.model_path)
    network.save(path)
    yield {"final_model_path": path, "best_val_accuracy": best_accuracy, "total_epochs": options.epochs}


def _new_network(table: Table, options: Options, random: np.random.Generator) -> Network:
    sizes = (table.rows.shape[1], *options.hidden, len(table.classes))
    spread = table.rows.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    return Network(sizes, initial_parameters(sizes, random), table.classes, table.rows.mean(axis=0), scale)


def _launch(stack: ExitStack, sizes: Sequence[int], options: Options, train: Table) -> list[ShardProcess]:
    """All are started before the first one is waited for; none has no rows at all."""
    count = min(options.workers, len(train.rows))
    shards = []
    for _ in range(count):
        shard = ShardProcess()
        stack.callback(shard.close)
        shards.append(shard)
    for number, shard in enumerate(shards):
        part = train._replace(rows=train.rows[number::count], labels=train.labels[number::count])
        shard.load(sizes, options.batch_size, options.seed + number, part)
    return shards


def _average_epoch(shards: Sequence[ShardProcess], rate: float, parameters: Floats) -> Floats:
    """The mean of what the shards have learned at the same time, weighted by their rows."""
    for shard in shards:
        shard.begin(rate, parameters)
    learned = np.stack([shard.finish() for shard in shards])
    average: Floats = np.average(learned, axis=0, weights=[shard.rows for shard in shards])
    return average


def _report(network: Network, parts: Split) -> dict[str, float]:
    train_loss, train_accuracy = evaluate(network.parameters, network.sizes, *parts.train[:2])
    loss, accuracy = evaluate(network.parameters, network.sizes, *parts.validation[:2])
    return {"train_loss": train_loss, "val_loss": loss, "train_acc": train_accuracy, "val_acc": accuracy}


def _new_file(path: Optional[str]) -> str:
    if path is not None:
        return str(Path(path).expanduser())
    descriptor, name = tempfile.mkstemp(prefix="snakepit-model-", suffix=".npz")
    os.close(descriptor)
    return name
