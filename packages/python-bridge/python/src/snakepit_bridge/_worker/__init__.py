"""The worker: one serve loop for calls, streams, cancels and callbacks."""
