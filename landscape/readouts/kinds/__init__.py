"""The readouts of the package, one module each; a readout is found by its module being here."""
