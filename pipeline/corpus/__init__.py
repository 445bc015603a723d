"""Reading the training corpus, the gold articles and users' own files; the checks on them."""
