import type { Conversion } from './older-version.ts'

/*
 * The first form of Ingress: a backend is `serviceName` and `servicePort`, and the default one is called `backend`.
 */

export const ingressForm: Conversion = {
  toStable(ingress) {
    const { backend, rules, ...spec } = ingress.spec ?? {}
    return { ...ingress, spec: { ...spec, ...(backend && { defaultBackend: stableBackend(backend) }), ...(rules && { rules: rules.map(eachPath(stableBackend)) }) } }
  },
  fromStable(ingress) {
    const { defaultBackend, rules, ...spec } = ingress.spec ?? {}
    return { ...ingress, spec: { ...spec, ...(defaultBackend && { backend: olderBackend(defaultBackend) }), ...(rules && { rules: rules.map(eachPath(olderBackend)) }) } }
  },
}

/** Where no type is said, it is for the controller to know. */
export function defaultPathTypes({ spec }: { spec?: { rules?: { http?: { paths: { pathType?: string | undefined }[] } | undefined }[] | undefined } }): void {
  for (const { http } of spec?.rules ?? []) for (const path of http?.paths ?? []) path.pathType ??= 'ImplementationSpecific'
}

const eachPath = (convert: (backend: any) => any) => (rule: any): any =>
  (rule.http ? { ...rule, http: { ...rule.http, paths: (rule.http.paths ?? []).map((path: any) => ({ ...path, backend: convert(path.backend ?? {}) })) } } : rule)

function stableBackend({ serviceName, servicePort, resource }: any): any {
  const named = Boolean(serviceName) || typeof servicePort === 'string' || Boolean(servicePort)
  const port = typeof servicePort === 'string' ? { name: servicePort } : servicePort ? { number: servicePort } : {}
  return { ...(named && { service: { name: serviceName ?? '', port } }), ...(resource && { resource }) }
}

function olderBackend({ service, resource }: any): any {
  return { ...(service && { ...(service.name && { serviceName: service.name }), servicePort: service.port?.name || (service.port?.number ?? 0) }), ...(resource && { resource }) }
}
