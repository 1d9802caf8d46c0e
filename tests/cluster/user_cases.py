"""Cases of what a kubeconfig may say of a user."""

import json
import time
from dataclasses import replace

from tests.cluster.api_server import Seen
from tests.cluster.case import CERT, REFUSES, Case
from tests.cluster.kubeconfigs import (
    BY_TOKEN,
    GOOD,
    TOKEN,
    V1,
    V1BETA1,
    b64,
    exec_credential,
    exec_user,
    jwt,
    oidc_user,
)

FROM_PLUGIN = Seen(authorization="Bearer from-plugin")
BASIC = Seen(authorization="Basic " + b64(b"ann:pass:word"))
ANN = ("Impersonate-User", "ann")
USER_CASES = [
    Case(name="token", user=TOKEN, ours=BY_TOKEN),
    Case(
        name="tokenFile", user={"tokenFile": "token"}, ours=Seen(authorization="Bearer from-file")
    ),
    Case(
        name="tokenFile before token",
        user={"token": "plain", "tokenFile": "token"},
        ours=Seen(authorization="Bearer from-file"),
    ),
    Case(
        name="missing tokenFile", user={"tokenFile": "gone"}, ours="No such file", kubectl=REFUSES
    ),
    Case(
        name="missing tokenFile beside a token",
        user={"token": "plain", "tokenFile": "gone"},
        ours="No such file",
        kubectl=BY_TOKEN,
    ),
    Case(name="empty tokenFile", user={"tokenFile": "empty"}, ours="is empty", kubectl=REFUSES),
    Case(
        name="token with a line break",
        user={"token": "pla\nin"},
        ours="holds a space, a line break",
        kubectl=REFUSES,
    ),
    Case(name="token is a number", user={"token": 12345}, ours="Put it in quotes", kubectl=REFUSES),
    Case(name="basic auth", user={"username": "ann", "password": "pass:word"}, ours=BASIC),
    Case(
        name="token and basic auth",
        user={**TOKEN, "username": "ann"},
        ours="both a token and a password",
        kubectl=REFUSES,
    ),
    Case(name="no credential", user={}, ours="has no credential", kubectl=REFUSES),
    Case(
        name="client certificate files",
        user={"client-certificate": "client.crt", "client-key": "client.key"},
        ours=CERT,
    ),
    Case(
        name="client certificate data",
        user=lambda pki: {
            "client-certificate-data": b64(pki.client[0]),
            "client-key-data": b64(pki.client[1]),
        },
        ours=CERT,
    ),
    Case(
        name="client certificate as data and as file",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-certificate-data": b64(pki.client[0]),
            "client-key": "client.key",
        },
        ours="both 'client-certificate' and 'client-certificate-data'",
        kubectl=REFUSES,
    ),
    Case(
        name="client certificate and token",
        user={**TOKEN, "client-certificate": "client.crt", "client-key": "client.key"},
        ours=replace(CERT, authorization="Bearer plain"),
    ),
    Case(
        name="client certificate without key",
        user={"client-certificate": "client.crt"},
        ours="client-key is missing",
        kubectl=REFUSES,
    ),
    Case(
        name="client key of another certificate",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-key-data": b64(pki.client2[1]),
        },
        ours="do not belong together",
        kubectl=REFUSES,
    ),
    Case(
        name="encrypted client key",
        user=lambda pki: {
            "client-certificate": "client.crt",
            "client-key-data": b64(pki.encrypted_key),
        },
        ours="the key is encrypted",
        kubectl=REFUSES,
    ),
    Case(
        name="client key data that is not base64",
        user={"client-certificate": "client.crt", "client-key-data": "%%%"},
        ours="'client-key-data' is not base64",
        kubectl=REFUSES,
    ),
    Case(name="exec v1", user=exec_user(GOOD), ours=FROM_PLUGIN),
    Case(
        name="exec v1beta1",
        user=exec_user(exec_credential(V1BETA1, token="from-plugin"), V1BETA1),
        ours=FROM_PLUGIN,
    ),
    Case(
        name="exec v1alpha1",
        user=exec_user(GOOD, "client.authentication.k8s.io/v1alpha1"),
        ours="apiVersion is 'client.authentication.k8s.io/v1alpha1'",
        kubectl=REFUSES,
    ),
    Case(
        name="exec fails",
        user=exec_user(GOOD, env=[{"name": "EXIT", "value": "3"}]),
        ours="failed with exit code 3",
        kubectl=REFUSES,
    ),
    Case(
        name="exec prints nonsense", user=exec_user("nonsense"), ours="is not JSON", kubectl=REFUSES
    ),
    Case(name="exec prints nothing", user=exec_user(""), ours="is not JSON", kubectl=REFUSES),
    Case(
        name="exec gives no credential",
        user=exec_user(exec_credential()),
        ours="neither a token nor a certificate",
        kubectl=REFUSES,
    ),
    Case(
        name="exec without status",
        user=exec_user(json.dumps({"apiVersion": V1, "kind": "ExecCredential"})),
        ours="has no status",
        kubectl=REFUSES,
    ),
    Case(
        name="exec answers in another version",
        user=exec_user(exec_credential(V1BETA1, token="x")),
        ours="another apiVersion",
        kubectl=REFUSES,
    ),
    Case(
        name="exec answers with another kind",
        user=exec_user(json.dumps({"apiVersion": V1, "kind": "Token", "status": {"token": "x"}})),
        ours="is no ExecCredential",
        kubectl=REFUSES,
    ),
    Case(
        name="exec gives a certificate",
        user=lambda pki: exec_user(
            exec_credential(
                clientCertificateData=pki.client[0].decode(), clientKeyData=pki.client[1].decode()
            )
        ),
        ours=CERT,
    ),
    Case(
        name="exec gives a certificate without key",
        user=lambda pki: exec_user(exec_credential(clientCertificateData=pki.client[0].decode())),
        ours="a certificate without its key",
        kubectl=REFUSES,
    ),
    Case(
        name="exec command is missing",
        user=exec_user(GOOD, command="no-such-plugin", installHint="Install it from there."),
        ours="'no-such-plugin' is not on PATH. Install it from there.",
        kubectl=REFUSES,
    ),
    Case(
        name="exec command is not executable",
        user=exec_user(GOOD, command="./bin/not-executable"),
        ours="can't be run: Permission denied",
        kubectl=REFUSES,
    ),
    Case(
        name="exec v1 without interactiveMode",
        user=exec_user(GOOD, interactiveMode=None),
        ours="interactiveMode must be",
        kubectl=REFUSES,
    ),
    Case(
        name="exec interactiveMode IfAvailable",
        user=exec_user(GOOD, interactiveMode="IfAvailable"),
        ours=FROM_PLUGIN,
    ),
    Case(
        name="exec interactiveMode Always without a terminal",
        user=exec_user(GOOD, interactiveMode="Always"),
        ours="stdin is no terminal",
        kubectl=REFUSES,
    ),
    Case(name="token before exec", user={**exec_user(GOOD), **TOKEN}, ours=BY_TOKEN),
    Case(
        name="client certificate before exec",
        user={**exec_user(GOOD), "client-certificate": "client.crt", "client-key": "client.key"},
        ours=CERT,
    ),
    Case(
        name="exec and auth-provider",
        user={**exec_user(GOOD), **oidc_user(jwt(time.time() + 3600))},
        ours="both exec and auth-provider",
        kubectl=REFUSES,
    ),
    Case(name="token before auth-provider", user={**oidc_user(jwt(2e9)), **TOKEN}, ours=BY_TOKEN),
    Case(
        name="auth-provider beside a client certificate",
        user={
            **oidc_user(jwt(2e9)),
            "client-certificate": "client.crt",
            "client-key": "client.key",
        },
        ours=replace(CERT, authorization=f"Bearer {jwt(2e9)}"),
    ),
    Case(
        name="token beside auth-provider gcp",
        user={"auth-provider": {"name": "gcp"}, **TOKEN},
        ours="auth-provider 'gcp' is no longer supported",
        kubectl=REFUSES,
    ),
    Case(
        name="oidc id-token",
        user=oidc_user(jwt(2e9)),
        ours=Seen(authorization=f"Bearer {jwt(2e9)}"),
    ),
    Case(
        name="oidc expired id-token",
        user=oidc_user(jwt(1e9)),
        ours="an id-token that is expired",
        kubectl=REFUSES,
    ),
    Case(
        name="oidc without id-token", user=oidc_user(None), ours="has no id-token", kubectl=REFUSES
    ),
    Case(
        name="oidc nonsense", user=oidc_user("nonsense"), ours="no JSON Web Token", kubectl=REFUSES
    ),
    Case(
        name="auth-provider gcp",
        user={"auth-provider": {"name": "gcp", "config": {"access-token": "x"}}},
        ours="auth-provider 'gcp' is no longer supported",
        kubectl=REFUSES,
    ),
    Case(
        name="impersonation",
        user={
            **TOKEN,
            "as": "ann",
            "as-uid": "1",
            "as-groups": ["a", "b"],
            "as-user-extra": {"example.com/x": ["1", "2"]},
        },
        ours=replace(
            BY_TOKEN,
            impersonation=(
                ("Impersonate-Extra-Example.Com%2Fx".title(), "1"),
                ("Impersonate-Extra-Example.Com%2Fx".title(), "2"),
                ("Impersonate-Group", "a"),
                ("Impersonate-Group", "b"),
                ("Impersonate-Uid", "1"),
                ANN,
            ),
        ),
    ),
    Case(
        name="impersonated groups without a user",
        user={**TOKEN, "as-groups": ["a"]},
        ours="'as-groups' without 'as'",
        kubectl=REFUSES,
    ),
]
