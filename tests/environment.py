"""Loaded by pytest before Django's settings: what tests write goes to a folder of their own."""

import os
import tempfile

os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="muster-test-")
os.environ["DEBUG"] = "false"
