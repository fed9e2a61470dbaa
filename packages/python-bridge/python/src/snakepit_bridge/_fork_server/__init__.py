"""A process that has imported what workers need, and forks them."""
