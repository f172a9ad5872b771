"""The neuron models of the package, one module each; a model is found by its module being here."""
