"""What the library raises: one root, and each child is also the builtin that it resembles."""

from geo.passwords import masked


class GeoError(Exception):
    """Something that the caller can mend; its text is one line that says what and how, and never a password."""

    def __init__(self, *told: object) -> None:
        super().__init__(*(masked(one) if isinstance(one, str) else one for one in told))


class LayerError(GeoError, ValueError):
    """A layer that cannot be read, placed or used at all."""


class CRSError(GeoError, ValueError):
    """A coordinate system that is missing, unknown or cannot measure."""


class StudyError(GeoError, ValueError):
    """A study file that says something impossible."""


class OutputError(GeoError, OSError):
    """A file that cannot be written."""


class FigureError(GeoError, ValueError):
    """A measure asked for with values that have no meaning."""
