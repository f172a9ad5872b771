"""The figures of the package, one file each."""
