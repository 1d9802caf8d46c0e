"""What Kubernetes itself brings: default roles and bindings, and the resources it serves."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kuberoster.model.served import load_served

FILE = Path(__file__).with_name("defaults-1.36.json")
"""Taken from a kube-apiserver; tests/rbac/test_defaults.py writes and compares it."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an API server of one version has before anybody adds anything."""

    version: str
    """Major and minor version of Kubernetes: `1.36`."""
    objects: tuple[dict[str, Any], ...]
    """Roles and bindings as Kubernetes writes them; the rules of aggregated ones left out."""
    resources: tuple[dict[str, Any], ...]
    """Group, name, singular and short names, scope and subresources of each resource."""


@cache
def cluster_scoped() -> frozenset[tuple[str, str]]:
    """The resources that belong to no namespace, by group and name."""
    return frozenset(
        (each["group"], each["name"])
        for each in load_defaults().resources
        if not each["namespaced"]
    )


@cache
def load_defaults() -> Defaults:
    """The defaults that come with this package."""
    served, objects = load_served(), json.loads(FILE.read_bytes())["objects"]
    return Defaults(served["version"], tuple(objects), tuple(served["resources"]))
