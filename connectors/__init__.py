"""How to talk to a system: one protocol, errors by fate, one file a kind of system."""
