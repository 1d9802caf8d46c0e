"""Where the state of a team lies."""

from typing import Any

from kuberoster.constructs._cdktf import (
    Construct,
    TerraformBackend,
    TerraformRemoteState,
)
from kuberoster.model.settings import (
    LOCAL_STATE,
    TEAM_PLACEHOLDER,
    ClusterSettings,
    StateSettings,
    state_suffix,
)


class StateBackend(TerraformBackend):
    """Any Terraform backend, by its settings; CDKTF has no class for `kubernetes`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        team: str,
        state: StateSettings,
        cluster: ClusterSettings,
    ) -> None:
        self._settings = _settings(team, state, cluster)
        super().__init__(scope, id, state.backend)

    def _synthesize_attributes(self) -> Any:
        return self._settings

    def get_remote_state_data_source(
        self, scope: Construct, name: str, from_stack: str
    ) -> TerraformRemoteState:
        """Nothing of a roster refers to another team's state."""
        raise NotImplementedError(f"{name}: a team's state is read by nothing else ({from_stack})")


def _settings(team: str, state: StateSettings, cluster: ClusterSettings) -> dict[str, object]:
    if state.backend != "kubernetes":
        settings = {key: _for_team(value, team) for key, value in state.settings.items()}
        if state.backend == "local":
            settings.setdefault("path", _for_team(LOCAL_STATE, team))
        return settings
    settings = {"secret_suffix": state_suffix(team), "namespace": state.namespace}
    if cluster.kubeconfig:
        settings["config_path"] = cluster.kubeconfig
    if cluster.context:
        settings["config_context"] = cluster.context
    return settings


def _for_team(value: object, team: str) -> object:
    if isinstance(value, dict):
        return {key: _for_team(each, team) for key, each in value.items()}
    return value.replace(TEAM_PLACEHOLDER, team) if isinstance(value, str) else value
