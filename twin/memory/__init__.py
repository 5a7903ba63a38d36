"""What has been seen and may be learned from."""
