"""The sections of the report, one module each; a section is found by its module being here."""
