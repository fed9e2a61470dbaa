"""Large attachments in memory that host and worker share, instead of on the channel (PROTOCOL.md)."""
