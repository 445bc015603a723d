"""Reading users' own articles: each is a document, or a failure that says where it stood and why."""
