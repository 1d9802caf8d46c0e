"""What is risky in who may do what: rights, rules, attack paths, words."""
