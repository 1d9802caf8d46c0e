"""What an import of the cluster's room loads, and what it offers."""

from kuberoster import cluster as public
from kuberoster.cluster import ClusterError, Conflict, Expired, Forbidden, NotFound, Unreachable
from kuberoster.model.errors import KuberosterError
from tests.cluster.interpreter import run_python
from tests.cluster.kubeconfigs import TOKEN, Home


def test_importing_loads_no_http_client_and_connecting_does(home: Home) -> None:
    done = run_python(
        "import sys; from kuberoster.cluster import Cluster\n"
        "print({'ssl', 'urllib3', 'yaml'} & set(sys.modules))\n"
        f"Cluster.connect({home.write(TOKEN)!r})\n"
        "print(sorted({'ssl', 'urllib3', 'yaml'} & set(sys.modules)))\n"
    )
    assert done.stdout.splitlines() == ["set()", "['ssl', 'urllib3', 'yaml']"], done.stderr


def test_the_public_names_are_these() -> None:
    assert sorted(public.__all__) == [
        "Cluster",
        "ClusterError",
        "Conflict",
        "Expired",
        "Forbidden",
        "NotFound",
        "Unauthorized",
        "Unreachable",
        "Untrusted",
        "from_one_moment",
        "in_one_line",
        "quote_name",
    ]
    for error in (Conflict, Expired, Forbidden, NotFound, Unreachable):
        assert issubclass(error, ClusterError)
    assert issubclass(ClusterError, KuberosterError)
