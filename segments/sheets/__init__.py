"""What the pages of segments show, as plain values for their templates."""
