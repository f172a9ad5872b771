"""The command ``landscape``. It parses, calls the library and reports; nothing is computed here."""
