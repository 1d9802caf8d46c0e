"""What a policy allows: rules, roles, bindings, and answers from them."""
