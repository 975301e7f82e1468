"""Who may see what: users, sign-in, sessions, and the one place where rows are kept from eyes."""
