"""Users, teams, grants and tokens, and every check of what a person wrote.

Nothing here imports CDKTF or a Kubernetes client, so `kuberoster validate` stays fast.
"""
