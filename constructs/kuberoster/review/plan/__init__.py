"""What Terraform's plans do, and whether the change that is reviewed explains all of it."""
