"""The transports that a worker can take, and how it chooses."""
