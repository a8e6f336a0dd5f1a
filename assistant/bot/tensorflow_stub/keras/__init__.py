"""Stand-in for Keras: see `absent_package`."""

from absent_package import stand_in

__version__ = "2.12.0"
__getattr__ = stand_in("keras", globals())
