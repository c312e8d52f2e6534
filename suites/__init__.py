"""The clauses as tests, one file a theme: test_some_subject in test_theme.py judges the clause theme.some-subject."""
