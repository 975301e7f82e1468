"""Runs flows and remembers: how far they read, what became of every row, what each run did."""
