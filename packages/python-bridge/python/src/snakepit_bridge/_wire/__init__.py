"""How frames become bytes. One module per encoding; nothing here knows what a frame means."""
