"""The measures of fragmentation of the package, a module for each family, found by being here.

What a measure says of itself: :class:`landscape.measures.Measure`.
"""
