"""Bodies of the import calls."""

from functions.contracts.http_base import Body, Line


class ImportPost(Body):
    """A new import. ``filename`` is shown to people and used for nothing else."""

    filename: Line


class ImportStart(Body):
    """Nothing: the file was uploaded to the URL that the import gave."""
