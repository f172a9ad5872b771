"""The kinds of directions of the package, one module each; a kind is found by its module being here."""
