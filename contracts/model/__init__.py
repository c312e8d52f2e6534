"""What botocore says of the operation: its shapes, patterns, violations and quotas."""
