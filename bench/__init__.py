"""`make bench`: what kuberoster costs beside kubectl and plain Terraform."""
