"""What leaves the reports as a file."""
