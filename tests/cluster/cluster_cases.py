"""Cases of what a kubeconfig may say of a cluster: its TLS, its proxy, its address."""

from dataclasses import replace

from tests.cluster.case import REFUSES, Case
from tests.cluster.kubeconfigs import BY_TOKEN, TOKEN, b64

CLUSTER_CASES = [
    Case(
        name="tls-server-name",
        user=TOKEN,
        cluster={"tls-server-name": "inner.test"},
        ours=replace(BY_TOKEN, sni="inner.test"),
    ),
    Case(
        name="wrong tls-server-name",
        user=TOKEN,
        cluster={"tls-server-name": "elsewhere.test"},
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="certificate-authority-data",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": b64(home.pki.ca),
        },
        ours=BY_TOKEN,
    ),
    Case(
        name="certificate-authority as data and as file",
        user=TOKEN,
        cluster=lambda home: {"certificate-authority-data": b64(home.pki.ca)},
        ours="both 'certificate-authority' and 'certificate-authority-data'",
        kubectl=REFUSES,
    ),
    Case(
        name="another certificate-authority",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": b64(home.pki.other_ca),
        },
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="no certificate-authority",
        user=TOKEN,
        cluster={"certificate-authority": None},
        ours="its certificate is not accepted",
        kubectl=REFUSES,
    ),
    Case(
        name="certificate-authority is no certificate",
        user=TOKEN,
        cluster={"certificate-authority": "token"},
        ours="holds no PEM certificate",
        kubectl=REFUSES,
    ),
    Case(
        name="server's own certificate as authority",
        user=TOKEN,
        cluster=lambda home: {
            "certificate-authority": None,
            "certificate-authority-data": b64(home.pki.server[0]),
        },
        ours=BY_TOKEN,
    ),
    Case(
        name="insecure-skip-tls-verify",
        user=TOKEN,
        cluster={"certificate-authority": None, "insecure-skip-tls-verify": True},
        ours=BY_TOKEN,
    ),
    Case(
        name="insecure-skip-tls-verify with an authority",
        user=TOKEN,
        cluster={"insecure-skip-tls-verify": True},
        ours="both certificate-authority and insecure",
        kubectl=REFUSES,
    ),
    Case(
        name="proxy-url",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}"},
        ours=replace(BY_TOKEN, proxy="{address}"),
    ),
    Case(
        name="proxy-url despite NO_PROXY",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}"},
        env={"NO_PROXY": "*"},
        ours=replace(BY_TOKEN, proxy="{address}"),
    ),
    Case(
        name="proxy-url before HTTPS_PROXY",
        user=TOKEN,
        cluster={"proxy-url": "{proxy}", "server": "https://api.test:7"},
        env={"HTTPS_PROXY": "http://127.0.0.1:9"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="HTTPS_PROXY",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"HTTPS_PROXY": "{proxy}"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="https_proxy without scheme",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"https_proxy": "{proxy_address}"},
        ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
    ),
    Case(
        name="HTTPS_PROXY does not hold for this machine",
        user=TOKEN,
        env={"HTTPS_PROXY": "http://127.0.0.1:9"},
        ours=BY_TOKEN,
    ),
    Case(
        name="ALL_PROXY is not kubectl's",
        user=TOKEN,
        cluster={"server": "https://api.test:7"},
        env={"ALL_PROXY": "{proxy}"},
        ours="its name is not known",
        kubectl=REFUSES,
    ),
    *(
        Case(
            name=f"NO_PROXY={rule}",
            user=TOKEN,
            cluster={"server": "https://api.test:7"},
            env={"HTTPS_PROXY": "{proxy}", "NO_PROXY": rule},
            ours="its name is not known",
            kubectl=REFUSES,
        )
        for rule in ("api.test", "x, TEST", ".test", "*.test", "api.test:7", "*")
    ),
    *(
        Case(
            name=f"NO_PROXY={rule}",
            user=TOKEN,
            cluster={"server": "https://api.test:7"},
            env={"HTTPS_PROXY": "{proxy}", "NO_PROXY": rule},
            ours=replace(BY_TOKEN, proxy="api.test:7", sni="api.test"),
        )
        for rule in ("pi.test", ".api.test", "api.test:8", "10.0.0.0/8", "")
    ),
    Case(
        name="proxy-url with another scheme",
        user=TOKEN,
        cluster={"proxy-url": "ftp://127.0.0.1:1"},
        ours="is no proxy's URL",
        kubectl=REFUSES,
    ),
    Case(
        name="proxy-url refused",
        user=TOKEN,
        cluster={"proxy-url": "http://127.0.0.1:9"},
        ours="through the proxy 127.0.0.1:9: connection refused",
        kubectl=REFUSES,
    ),
    Case(name="no server", user=TOKEN, cluster={"server": None}, ours="'server'", kubectl=REFUSES),
    Case(
        name="server without scheme",
        user=TOKEN,
        cluster=lambda home: {"server": f"127.0.0.1:{home.server.port}"},
        ours="Write it as https://host:port",
        kubectl=REFUSES,
    ),
    Case(
        name="server with a slash at its end",
        user=TOKEN,
        cluster=lambda home: {"server": f"{home.server.url}/"},
        ours=BY_TOKEN,
    ),
]
