"""The round trip with people: articles out to an annotation tool with the model's labels, corrected reports back."""
