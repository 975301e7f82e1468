"""Pages by mail and alerts."""
