"""The operation as botocore describes it: shapes, patterns, violations and quotas."""
