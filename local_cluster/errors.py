"""What may go wrong here, as one line for the person at the keyboard."""


class LocalClusterError(Exception):
    """Something failed; the text says what and what to do about it."""


class ImpossibleHereError(LocalClusterError):
    """This machine or account cannot run a local cluster at all."""
