"""Adapters that come with the bridge."""
