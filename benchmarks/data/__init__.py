"""What the benchmarks move: databases of their own, dropped at the end, and rows made in bulk."""
