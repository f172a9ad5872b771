"""The optimizers of the package, one module each; an optimizer is found by its module being here."""
