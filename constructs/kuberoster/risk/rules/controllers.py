"""Custom resources by which controllers act for whoever writes them.

A controller acts with rights of its own, and few ask whether the one who wrote an object has them
too. Rights to what is not installed let nobody do anything, until it is.
"""

from dataclasses import replace
from functools import cache

from kuberoster.model.guard import RIGHTS_GROUP
from kuberoster.model.served import ALL
from kuberoster.rbac.authorizer import PolicyRule
from kuberoster.rbac.defaults import load_defaults
from kuberoster.risk.finding import RiskRule
from kuberoster.risk.hits import meets, one_of
from kuberoster.risk.right import CHANGE, WRITE, of_groups, right
from kuberoster.risk.rules import load_rights
from kuberoster.risk.scope import Form

_DEPLOYS = "have controllers apply any object, with rights of their own"
_RUNS = "have controllers start pods"
_POLICES = "change what a policy engine forbids and changes"
_APPLIED = "whatever controllers apply for it"

DEPLOY = right(
    WRITE,
    of_groups(
        {
            "argoproj.io": "applications applicationsets appprojects",
            "kustomize.toolkit.fluxcd.io": "kustomizations",
            "helm.toolkit.fluxcd.io": "helmreleases",
            "source.toolkit.fluxcd.io": (
                "gitrepositories ocirepositories helmrepositories helmcharts buckets "
                "externalartifacts"
            ),
            "source.extensions.fluxcd.io": "artifactgenerators",
            "image.toolkit.fluxcd.io": "imageupdateautomations imagepolicies imagerepositories",
            "fluxcd.controlplane.io": "fluxinstances resourcesets resourcesetinputproviders",
            "fleet.cattle.io": "bundles gitrepos helmops",
            "helm.cattle.io": "helmcharts helmchartconfigs",
            "operators.coreos.com": (
                "subscriptions clusterserviceversions installplans catalogsources operatorgroups"
            ),
            "core.oam.dev": "applications",
            "configsync.gke.io": "rootsyncs reposyncs",
            "work.open-cluster-management.io": "manifestworks",
            "addons.cluster.x-k8s.io": "clusterresourcesets helmchartproxies",
            "config.projectsveltos.io": "profiles",
            "kubernetes.m.crossplane.io": "objects",
            "helm.m.crossplane.io": "releases",
        }
    ),
    does=_DEPLOYS,
    makes=_APPLIED,
)
DEPLOY_FOR_ALL = right(
    WRITE,
    of_groups(
        {
            "pkg.crossplane.io": "providers functions configurations deploymentruntimeconfigs",
            "apiextensions.crossplane.io": "compositions compositeresourcedefinitions",
            "kubernetes.crossplane.io": "objects providerconfigs",
            "helm.crossplane.io": "releases providerconfigs",
            "olm.operatorframework.io": "clusterextensions clustercatalogs",
            "catalog.cattle.io": "clusterrepos",
            "config.projectsveltos.io": "clusterprofiles",
            "kro.run": "resourcegraphdefinitions",
            "metacontroller.k8s.io": "compositecontrollers decoratorcontrollers",
            "operator.tekton.dev": "tektonconfigs",
        }
    ),
    does=_DEPLOYS,
    makes=_APPLIED,
    clustered=True,
)
RUN = right(
    WRITE,
    of_groups(
        {
            "argoproj.io": (
                "workflows cronworkflows workflowtemplates workfloweventbindings rollouts "
                "experiments analysisruns analysistemplates sensors eventsources eventbus"
            ),
            "tekton.dev": "taskruns pipelineruns tasks pipelines stepactions runs customruns",
            "triggers.tekton.dev": "eventlisteners triggers triggertemplates triggerbindings",
            "pipelinesascode.tekton.dev": "repositories",
            "serving.knative.dev": "services configurations",
            "sources.knative.dev": "containersources apiserversources",
            "keda.sh": "scaledjobs",
            "monitoring.coreos.com": "prometheuses prometheusagents alertmanagers thanosrulers",
            "opentelemetry.io": "opentelemetrycollectors instrumentations",
            "kubevirt.io": (
                "virtualmachines virtualmachineinstances virtualmachineinstancereplicasets"
            ),
            "kubeflow.org": "notebooks tfjobs pytorchjobs mpijobs xgboostjobs paddlejobs jaxjobs",
            "trainer.kubeflow.org": "trainjobs",
            "serving.kserve.io": "inferenceservices servingruntimes",
            "sparkoperator.k8s.io": "sparkapplications scheduledsparkapplications",
            "flink.apache.org": "flinkdeployments flinksessionjobs",
            "ray.io": "rayclusters rayjobs rayservices",
            "batch.volcano.sh": "jobs cronjobs",
            "jobset.x-k8s.io": "jobsets",
            "leaderworkerset.x-k8s.io": "leaderworkersets",
            "apps.kruise.io": ("clonesets statefulsets daemonsets broadcastjobs advancedcronjobs"),
            "actions.github.com": "autoscalingrunnersets ephemeralrunnersets ephemeralrunners",
            "actions.summerwind.dev": "runners runnersets runnerdeployments runnerreplicasets",
            "apps.openshift.io": "deploymentconfigs deploymentconfigs/instantiate",
            "build.openshift.io": (
                "builds buildconfigs buildconfigs/instantiate buildconfigs/instantiatebinary"
            ),
            "flagger.app": "canaries",
            "kappctrl.k14s.io": "apps",
            "packaging.carvel.dev": "packageinstalls",
            "elasticsearch.k8s.elastic.co": "elasticsearches",
            "kafka.strimzi.io": "kafkas kafkaconnects kafkabridges",
            "postgresql.cnpg.io": "clusters",
            "acid.zalan.do": "postgresqls",
            "rabbitmq.com": "rabbitmqclusters",
        }
    ),
    does=_RUNS,
    makes="pods, which run as any ServiceAccount of their namespace",
)
RUN_FOR_ALL = right(
    WRITE,
    of_groups(
        {
            "argoproj.io": "clusterworkflowtemplates clusteranalysistemplates",
            "tekton.dev": "clustertasks",
            "triggers.tekton.dev": "clustertriggerbindings clusterinterceptors",
            "apps.kruise.io": "sidecarsets",
            "serving.kserve.io": "clusterservingruntimes",
        }
    ),
    does=_RUNS,
    clustered=True,
)
MACHINES = right(
    WRITE,
    of_groups(
        {
            "cluster.x-k8s.io": (
                "clusters clusterclasses machines machinesets machinedeployments machinepools"
            ),
            "bootstrap.cluster.x-k8s.io": ALL,
            "controlplane.cluster.x-k8s.io": ALL,
            "infrastructure.cluster.x-k8s.io": ALL,
            "provisioning.cattle.io": "clusters",
            "rke.cattle.io": ALL,
            "rke-machine.cattle.io": ALL,
            "rke-machine-config.cattle.io": ALL,
            "upgrade.cattle.io": "plans",
            "machine.openshift.io": "machines machinesets controlplanemachinesets",
            "hypershift.openshift.io": "hostedclusters nodepools",
        }
    ),
    does="have controllers set up machines, with commands as root",
)
MACHINES_FOR_ALL = right(
    CHANGE,
    of_groups(
        {
            "karpenter.sh": "nodepools nodeclaims provisioners machines",
            "karpenter.k8s.aws": "ec2nodeclasses awsnodetemplates",
            "karpenter.azure.com": "aksnodeclasses",
            "machineconfiguration.openshift.io": (
                "machineconfigs machineconfigpools kubeletconfigs containerruntimeconfigs"
            ),
        }
    ),
    does="have controllers set up and remove nodes, with commands as root",
    clustered=True,
)
ACCESS = right(
    WRITE,
    of_groups(
        {
            "management.cattle.io": (
                "clusterroletemplatebindings projectroletemplatebindings projects"
            ),
        }
    ),
    does="have controllers give access to others",
    makes="access that controllers give",
)
ACCESS_FOR_ALL = right(
    WRITE,
    of_groups(
        {
            "management.cattle.io": (
                "globalroles globalrolebindings roletemplates users tokens authconfigs"
            ),
            "rbacmanager.reactiveops.io": "rbacdefinitions",
            "capsule.clastix.io": "tenants capsuleconfigurations",
            "kubeflow.org": "profiles",
            "user.openshift.io": "users groups identities useridentitymappings",
            "oauth.openshift.io": "oauthclients oauthaccesstokens oauthauthorizetokens",
            "config.openshift.io": "oauths",
        }
    ),
    does="have controllers give access to others",
    makes="access that controllers give",
    clustered=True,
)
BACKUPS = right(
    WRITE,
    of_groups(
        {
            "velero.io": (
                "backups restores schedules backupstoragelocations downloadrequests "
                "podvolumebackups podvolumerestores datauploads datadownloads"
            ),
            "k8up.io": "backups restores schedules",
            "actions.kio.kasten.io": "backupactions restoreactions exportactions importactions",
        }
    ),
    does="have all objects backed up and brought back, Secrets included",
    makes="objects that backups bring back",
)
STORED_SECRETS = right(
    WRITE,
    of_groups(
        {
            "external-secrets.io": "externalsecrets pushsecrets secretstores",
            "secrets.hashicorp.com": (
                "vaultstaticsecrets vaultdynamicsecrets vaultpkisecrets vaultauths vaultconnections"
            ),
            "secrets-store.csi.x-k8s.io": "secretproviderclasses",
            "onepassword.com": "onepassworditems",
            "bitnami.com": "sealedsecrets",
        }
    ),
    does="have Secrets fetched from a store",
    makes="token Secrets",
)
STORES = right(
    WRITE,
    of_groups(
        {
            "external-secrets.io": (
                "clusterexternalsecrets clusterpushsecrets clustersecretstores"
            ),
        }
    ),
    does="have Secrets fetched from a store",
    makes="token Secrets",
    clustered=True,
)
CERTIFICATES = right(
    WRITE,
    of_groups(
        {
            "cert-manager.io": "certificates certificaterequests issuers",
            "acme.cert-manager.io": "orders challenges",
        }
    ),
    does="have cert-manager issue certificates",
)
ISSUERS = right(
    WRITE,
    of_groups({"cert-manager.io": "clusterissuers", "trust.cert-manager.io": "bundles"}),
    does="say by whom certificates are issued, and which are trusted",
    clustered=True,
)
MONITORS = right(
    WRITE,
    of_groups(
        {
            "monitoring.coreos.com": (
                "servicemonitors podmonitors probes scrapeconfigs prometheusrules "
                "alertmanagerconfigs"
            ),
            "keda.sh": "triggerauthentications",
            "eventing.keda.sh": "cloudeventsources",
        }
    ),
)
MONITORS_FOR_ALL = right(
    WRITE,
    of_groups(
        {"keda.sh": "clustertriggerauthentications", "eventing.keda.sh": "clustercloudeventsources"}
    ),
    clustered=True,
)
POLICY_ENGINES = right(
    CHANGE,
    of_groups(
        {
            "templates.gatekeeper.sh": "constrainttemplates",
            "constraints.gatekeeper.sh": ALL,
            "mutations.gatekeeper.sh": "assign assignmetadata assignimage modifyset",
            "expansion.gatekeeper.sh": "expansiontemplate",
            "externaldata.gatekeeper.sh": "providers",
            "syncset.gatekeeper.sh": "syncsets",
            "kyverno.io": "clusterpolicies clustercleanuppolicies globalcontextentries",
            "policies.kyverno.io": (
                "validatingpolicies mutatingpolicies generatingpolicies deletingpolicies "
                "imagevalidatingpolicies imageverificationpolicies authorizingpolicies"
            ),
            "policies.kubewarden.io": (
                "clusteradmissionpolicies clusteradmissionpolicygroups policyservers"
            ),
            "policy.sigstore.dev": "clusterimagepolicies trustroots",
        }
    ),
    does=_POLICES,
    clustered=True,
)
POLICIES = right(
    CHANGE,
    of_groups(
        {
            "config.gatekeeper.sh": "configs",
            "kyverno.io": "policies policyexceptions cleanuppolicies updaterequests",
            "policies.kyverno.io": (
                "policyexceptions celpolicyexceptions namespacedvalidatingpolicies "
                "namespacedmutatingpolicies namespacedgeneratingpolicies "
                "namespaceddeletingpolicies namespacedimagevalidatingpolicies"
            ),
            "policies.kubewarden.io": "admissionpolicies admissionpolicygroups",
        }
    ),
    does=_POLICES,
)
_FAMILIAR = {
    RIGHTS_GROUP,
    "auditregistration.k8s.io",
    "custom.metrics.k8s.io",
    "extensions",
    "external.metrics.k8s.io",
    "metrics.k8s.io",
    "openreports.io",
    "reports.kyverno.io",
    "settings.k8s.io",
    "status.gatekeeper.sh",
    "wgpolicyk8s.io",
}
"""Groups of the roster's guard, of reports that nobody acts on, and of Kubernetes once."""


@cache
def _known() -> frozenset[str]:
    """The groups of Kubernetes and of this table, which has a right to `*` too."""
    served = {each["group"] for each in load_defaults().resources}
    rated = {asked.group for each in load_rights() for asked in each.asked}
    return frozenset(_FAMILIAR | served | rated)


def _unknown(rule: PolicyRule) -> PolicyRule | None:
    """What a rule lets change of groups that are not known."""
    groups = tuple(group for group in rule.api_groups if group not in _known())
    verbs = tuple(verb for verb in rule.verbs if verb in {*CHANGE.split(), ALL})
    resources = tuple(each for each in rule.resources if "/" not in each)
    if not (groups and verbs and resources):
        return None
    return replace(rule, verbs=verbs, api_groups=groups, resources=resources)


RULES = (
    RiskRule(
        id="deploy-by-controllers",
        severity="high",
        system_severity="critical",
        reason=(
            "can have Argo CD, Flux, Helm, Crossplane, OLM or a controller like them apply any "
            "object, with rights of its own that are often those of an administrator"
        ),
        source="https://argo-cd.readthedocs.io/en/stable/operator-manual/security/#cluster-rbac",
        mend=(
            "Let the pipeline or those who administer the controller write these objects, or have "
            "it act as a ServiceAccount of the namespace, and refuse all else by a policy."
        ),
        hits=one_of(DEPLOY, DEPLOY_FOR_ALL),
    ),
    RiskRule(
        id="run-by-controllers",
        severity="medium",
        system_severity="high",
        reason=(
            "can have a controller (Argo Workflows, Tekton, Knative, KEDA, Prometheus, Spark and "
            "others) start pods of any image, with ServiceAccounts and Secrets of the namespace"
        ),
        source="https://argo-workflows.readthedocs.io/en/latest/service-accounts/",
        mend=(
            "Grant it as you would grant starting pods: keep powerful ServiceAccounts in other "
            "namespaces, and enforce Pod Security."
        ),
        hits=one_of(RUN, RUN_FOR_ALL),
    ),
    RiskRule(
        id="change-machines",
        severity="high",
        reason=(
            "can have Cluster API, Karpenter or a controller like them make and remove machines "
            "and run commands on them as root"
        ),
        source="https://karpenter.sh/docs/reference/threat-model/",
        mend="Leave machines and their setup to the cluster's administrators.",
        hits=one_of(MACHINES, MACHINES_FOR_ALL),
    ),
    RiskRule(
        id="give-access-by-controllers",
        severity="high",
        reason=(
            "can have Rancher, OpenShift or a controller give access to others, or take it up, "
            "and neither the roster nor drift shows it"
        ),
        source="https://ranchermanager.docs.rancher.com/how-to-guides/new-user-guides/authentication-permissions-and-global-configuration/manage-role-based-access-control-rbac",
        mend="Let one of the two give access, the roster or the other, and take these rights away.",
        hits=one_of(ACCESS, ACCESS_FOR_ALL),
    ),
    RiskRule(
        id="restore-backups",
        severity="high",
        system_severity="critical",
        reason=(
            "can have Velero or another tool copy every object, Secrets included, to a store of "
            "the user's choice, and bring back any, roles and bindings included"
        ),
        source="https://velero.io/docs/main/rbac/",
        mend="Leave the namespace of backups to those who administer the cluster.",
        hits=meets(BACKUPS),
    ),
    RiskRule(
        id="fetch-secrets",
        severity="medium",
        system_severity="high",
        reason=(
            "can have a controller fetch whatever the cluster may read of a store of secrets, "
            "send Secrets to one, and write Secrets of any type"
        ),
        source="https://external-secrets.io/latest/guides/multi-tenancy/",
        mend=(
            "Give each namespace a store of its own that may read what belongs there, and leave "
            "stores to administrators."
        ),
        hits=one_of(STORED_SECRETS, STORES),
    ),
    RiskRule(
        id="issue-certificates",
        severity="low",
        system_severity="medium",
        reason=(
            "can have cert-manager issue certificates of names that are others', as far as its "
            "issuers go, and write them into Secrets"
        ),
        source="https://cert-manager.io/docs/usage/certificaterequest/#approval",
        mend="Approve requests by a policy that knows which namespace has which names.",
        hits=one_of(CERTIFICATES, ISSUERS),
    ),
    RiskRule(
        id="change-monitoring",
        severity="low",
        system_severity="medium",
        reason=(
            "can have Prometheus, Alertmanager or KEDA send requests and credentials to places of "
            "the user's choice, and switch alerts off"
        ),
        source="https://prometheus.io/docs/operating/security/",
        mend=(
            "Let monitors name only what lies in their namespace (`arbitraryFSAccessThroughSMs`, "
            "`ignoreNamespaceSelectors`)."
        ),
        hits=one_of(MONITORS, MONITORS_FOR_ALL),
    ),
    RiskRule(
        id="change-policy-engines",
        severity="medium",
        system_severity="high",
        reason=(
            "can switch off or change the rules by which a policy engine forbids, changes, makes "
            "and deletes objects"
        ),
        source="https://open-policy-agent.github.io/gatekeeper/website/docs/",
        mend="Leave policy engines to the cluster's administrators.",
        hits=one_of(POLICY_ENGINES, POLICIES),
    ),
    RiskRule(
        id="unknown-custom-resources",
        severity="low",
        reason=(
            "can write custom resources of API groups that are not known here; what their "
            "controllers do for whoever writes them is for those to say who installed them"
        ),
        source="https://kubernetes.io/docs/concepts/extend-kubernetes/operator/",
        mend=("Look up what the controller may do, and grant only what you would let the user do."),
        hits=meets(Form(find=_unknown)),
    ),
)
