"""What a synthesis must not do more of: the figures were counted, and may only fall."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]

# A request is a line to Node and one back, and the synthesis of many users is little else.
COUNT = """
import collections, json, sys
from pathlib import Path
from jsii._kernel.providers.process import _NodeProcess
requests = collections.Counter()
send = _NodeProcess.send
def counted(self, request, response_type):
    requests[type(request).__name__] += 1
    return send(self, request, response_type)
_NodeProcess.send = counted
from kuberoster.constructs import synthesise
status = synthesise(Path.cwd())
provider = "cdktf_cdktf_provider_kubernetes."
modules = [name for name in sys.modules if name.startswith(provider) and name.count(".") == 1]
print(json.dumps({"status": status, "requests": requests.total(), "modules": len(modules)}))
"""

# Node's own count of the files of the provider that it has read.
COUNT_FILES = """
process.on("exit", () => {
  const files = Object.keys(require("node:module")._cache);
  const { length } = files.filter((file) => /provider-kubernetes/.test(file));
  if (length) require("node:fs").writeFileSync(process.env.COUNTED, `${length}`);
});
"""

# CDKTF lifts the limit of frames to take a whole stack trace.
COUNT_TRACES = """
let traces = 0;
const capture = Error.captureStackTrace;
Error.captureStackTrace = (...given) => {
  if (Error.stackTraceLimit === Number.MAX_SAFE_INTEGER) traces += 1;
  return capture(...given);
};
process.on("exit", () => {
  const files = Object.keys(require("node:module")._cache);
  if (!files.some((file) => /provider-kubernetes/.test(file))) return;
  require("node:fs").writeFileSync(process.env.COUNTED, `${traces}`);
});
"""

PROVIDER_MODULES = 13
"""One for each kind of resource that a roster can have, the provider's own, and jsii's."""
PROVIDER_FILES = 9
"""The provider's index, the provider's own, and one for each kind of a user with one grant."""
OF_A_USER = 3
"""A Construct to hold the user; the ServiceAccount and its logical id."""
OF_A_TOKEN = 2
"""The Secret and its logical id."""
OF_A_GRANT = 2
"""The RoleBinding and its logical id."""


def test_a_synthesis_imports_no_more_of_the_provider(tmp_path: Path) -> None:
    counted = synthesise(tmp_path, [user("ann")])

    assert 5 < counted["modules"] <= PROVIDER_MODULES


def test_node_reads_no_more_of_the_provider(tmp_path: Path) -> None:
    assert 5 < counted_by_node(tmp_path, COUNT_FILES) <= PROVIDER_FILES


def test_no_stack_trace_is_taken(tmp_path: Path) -> None:
    assert counted_by_node(tmp_path, COUNT_TRACES) == 0


def test_no_resource_names_its_construct(tmp_path: Path) -> None:
    synthesise(tmp_path, [user("ann", tokens=2, namespaces=2)])

    (file,) = tmp_path.glob("cdktf.out/stacks/*/cdk.tf.json")
    stack = json.loads(file.read_text())
    blocks = [
        block
        for section in ("resource", "data")
        for of_type in stack[section].values()
        for block in of_type.values()
    ]
    assert len(blocks) == 4 + 1 + 2 + 2
    assert not [block for block in blocks if "//" in block]
    # By this the command line finds the stack's name and CDKTF's version.
    assert stack["//"]["metadata"]["stackName"] == "web"


@pytest.mark.parametrize(
    ("tokens", "namespaces", "limit"),
    [
        (1, 0, OF_A_USER + OF_A_TOKEN),
        (3, 0, OF_A_USER + 3 * OF_A_TOKEN),
        (1, 2, OF_A_USER + OF_A_TOKEN + 2 * OF_A_GRANT),
    ],
)
def test_a_user_more_is_no_more_requests_to_jsii(
    tmp_path: Path, tokens: int, namespaces: int, limit: int
) -> None:
    few, many = 5, 15
    users = [user(f"user-{one}", tokens, namespaces) for one in range(many)]

    requests = [synthesise(tmp_path, users[:count])["requests"] for count in (few, many)]

    assert 0 < requests[1] - requests[0] <= (many - few) * limit


def user(name: str, tokens: int = 1, namespaces: int = 0) -> str:
    labels = [f"t{number}" for number in range(tokens)]
    access = ", ".join(f'edit("n{number}")' for number in range(namespaces))
    return f'User("{name}", email="u@example.com", tokens={labels}, access=[{access}])'


def counted_by_node(folder: Path, script: str) -> int:
    """What a script that Node loads first has counted in a synthesis of one user."""
    count, counted = folder / "count.cjs", folder / "counted"
    count.write_text(script)
    options = {"NODE_OPTIONS": f'--require "{count}"', "COUNTED": str(counted)}
    synthesise(folder, [user("ann", namespaces=1)], options)
    return int(counted.read_text())


def synthesise(
    folder: Path, users: Sequence[str], environment: Mapping[str, str] | None = None
) -> dict[str, int]:
    (folder / "cdktf.json").write_text("{}")
    (folder / "users").mkdir(exist_ok=True)
    (folder / "users" / "web.py").write_text(
        f"from kuberoster import User, edit\nUSERS = [{', '.join(users)}]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", COUNT],
        cwd=folder,
        env={
            "PYTHONPATH": str(REPOSITORY / "constructs"),
            "PATH": "/usr/bin:/usr/local/bin:/bin",
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    counted: dict[str, int] = json.loads(done.stdout)
    assert counted.pop("status") == 0
    return counted
