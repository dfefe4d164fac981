"""The root of Muster's errors: data in, a sentence a user can act on out."""


class MusterError(Exception):
    """Something the user can be told, in words that say what is wrong and what to do.

    Subclasses take their data as positional arguments and pass it to
    ``super().__init__``, so that workers can pickle them.
    """
