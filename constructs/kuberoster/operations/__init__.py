"""What is done in and with a cluster: kubeconfigs, bootstrap, manifests."""
