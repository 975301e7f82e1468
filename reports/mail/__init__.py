"""Pages by mail, on the days somebody asked for them, and alerts; each sent once."""
