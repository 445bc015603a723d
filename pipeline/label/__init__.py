"""From annotated documents to the targets that the encoder learns."""
