"""One module a page, each one question: what it reads and what it says."""
