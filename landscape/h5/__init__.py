"""Records in HDF5 files: what one group holds, described once, by the class of the record.

``fields``
    what the fields of a record's class say (:func:`~landscape.h5.fields.record`, ``array``, ``attribute``, ...); it
    can be imported without h5py, so that the modules that results come from stay quick to load
``layout``, ``coding``
    the same as data, and records as plain arrays and attributes by it, without a file
``records``
    reading and writing any record in a group or in a file of its own
``checks``
    what is wrong with a group that should hold a record
``files``, ``sealing``
    opening and replacing whole files, and the checksum that each ends with
``tree``, ``kinds``
    the upper levels of a result file, models and their slices, and the kinds of records that there may be in it
``page``, ``listing``, ``labelled``
    the tables of the format page, a file as a tree of text, and records in xarray

For example, in the module where a result is computed::

    from landscape.h5.fields import array, attribute, attributes, record

    @record(doc="Losses of samples.", dims={"sample": "number of the sample"})
    class Losses:
        loss: FloatArray = array("sample", "loss", unit="nat")
        seconds: float = attribute("number", "time that it took", default=None)
        attributes: dict[str, Any] = attributes()

and where it is kept, in a group of an open file or in a file of its own::

    from landscape.h5.records import load_attributes, load_record, read_record, save_record, write_record

    write_record(group, losses)
    losses = read_record(group, Losses)

    save_record(path, losses, {"format": "landscape-piece", "format_version": 1, "inputs": "3f2a..."})
    losses, attributes = load_record(path, Losses, "landscape-piece")     # checks seal, format and version
    attributes = load_attributes(path, "landscape-piece")                 # only these

A file of records is sealed, and replaced as a whole or not at all. It may hold several records, by the names of their
groups: ``save_records(path, {"census": census, "fragments": measured}, attributes)``.

Nothing here knows what the records are about.
"""
