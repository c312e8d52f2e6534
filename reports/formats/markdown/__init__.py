"""GitHub-flavoured Markdown, in which nothing from outside is obeyed."""
