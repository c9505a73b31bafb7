const replacedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'since v1.17; use "node.kubernetes.io/instance-type" instead',
}

/** Why a label of nodes is no longer used; undefined for all others. */
export const replacedLabel = (key: string): string | undefined => (Object.hasOwn(replacedLabels, key) ? `deprecated ${replacedLabels[key]}` : undefined)
