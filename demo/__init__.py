"""``make demo``: everything that Muster needs, on this machine, with data to try it on."""

PASSWORD = "muster-demo"  # noqa: S105  (known to all: the demo listens on loopback alone)
