"""Certificates of an authority, as a PEM file holds them."""


def authority_fault(pem: bytes) -> str | None:
    """What is wrong with the PEM of a certificate authority, as a predicate; None if nothing is.

    It is handed on whole, so a private key beside the certificates is refused.
    """
    import ssl  # noqa: PLC0415 - loading it takes longer than reading a roster

    if b"PRIVATE KEY-----" in pem:
        return "holds a private key, which is handed to nobody"
    try:
        ssl.create_default_context(cadata=pem.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        return "holds no PEM certificate"
    return None if pem.strip() else "is empty"
