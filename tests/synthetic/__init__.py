"""Networks, data, results and experiments that tests are made with."""
