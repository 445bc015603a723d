"""From labelled sentences to incident records, merged across documents."""
