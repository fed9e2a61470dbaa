"""The tools of the showcase, by theme. Each class is a part of the adapter."""
