"""What each command does, one file a command; ``cli.py`` says what it is called and what it takes."""
