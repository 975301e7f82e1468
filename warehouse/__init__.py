"""From what the systems hold to what a manager reads: extract, core, marts, gates, publish."""
