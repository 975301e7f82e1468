"""What leaves the reports as a file: CSV, XLSX and PDF."""
