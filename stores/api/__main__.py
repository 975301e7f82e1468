"""``python -m stores.api SYSTEM``: the API of one store in the foreground."""

from stores.api.serve import main

if __name__ == "__main__":
    main()
