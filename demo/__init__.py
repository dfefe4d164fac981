"""``make demo``: everything that Muster needs, on this machine, with data to try it on."""
