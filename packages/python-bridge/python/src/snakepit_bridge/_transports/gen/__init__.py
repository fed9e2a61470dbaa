"""Generated from ``protocol/snakepit/v1/worker.proto`` by ``scripts/generate.mjs``."""
