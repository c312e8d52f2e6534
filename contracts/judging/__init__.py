"""The way from the bytes of an exchange to a verdict. Nothing here sends anything."""
