locals {
  objects = jsondecode(file("${path.module}/objects.json"))
}

resource "kubernetes_namespace_v1" "team" {
  for_each = local.objects.Namespace
  metadata {
    name   = each.value.metadata.name
    labels = each.value.metadata.labels
  }
  wait_for_default_service_account = true
}

resource "kubernetes_resource_quota_v1" "no_pods" {
  for_each = local.objects.ResourceQuota
  metadata {
    name      = each.value.metadata.name
    namespace = kubernetes_namespace_v1.team["/${each.value.metadata.namespace}"].metadata[0].name
    labels    = each.value.metadata.labels
  }
  spec {
    hard = each.value.spec.hard
  }
}

resource "kubernetes_default_service_account_v1" "default" {
  for_each = local.objects.DefaultServiceAccount
  metadata {
    namespace = kubernetes_namespace_v1.team["/${each.value.metadata.namespace}"].metadata[0].name
    labels    = each.value.metadata.labels
  }
  automount_service_account_token = each.value.automountServiceAccountToken
}

resource "kubernetes_service_account_v1" "user" {
  for_each = local.objects.ServiceAccount
  metadata {
    name        = each.value.metadata.name
    namespace   = kubernetes_namespace_v1.team["/${each.value.metadata.namespace}"].metadata[0].name
    labels      = each.value.metadata.labels
    annotations = each.value.metadata.annotations
  }
  automount_service_account_token = each.value.automountServiceAccountToken
}

resource "kubernetes_secret_v1" "token" {
  for_each = local.objects.Secret
  metadata {
    name        = each.value.metadata.name
    namespace   = each.value.metadata.namespace
    labels      = each.value.metadata.labels
    annotations = each.value.metadata.annotations
  }
  type                           = each.value.type
  wait_for_service_account_token = local.wait
  depends_on                     = [kubernetes_service_account_v1.user]
}

resource "kubernetes_role_binding_v1" "access" {
  for_each = local.objects.RoleBinding
  metadata {
    name      = each.value.metadata.name
    namespace = each.value.metadata.namespace
    labels    = each.value.metadata.labels
  }
  role_ref {
    api_group = each.value.roleRef.apiGroup
    kind      = each.value.roleRef.kind
    name      = each.value.roleRef.name
  }
  subject {
    kind      = each.value.subjects[0].kind
    name      = kubernetes_service_account_v1.user["${each.value.subjects[0].namespace}/${each.value.subjects[0].name}"].metadata[0].name
    namespace = each.value.subjects[0].namespace
  }
}
