import type { Service } from '../../api/types/core-v1/service.ts'

/**
 * The variables by which a container finds the services of its namespace (`WEB_SERVICE_HOST`, and the older
 * `WEB_PORT_80_TCP_ADDR`). The `kubernetes` service of `default` is always among them; without `enableServiceLinks` it
 * is the only one.
 */
export function serviceEnvironment(services: readonly Service[], namespace: string, enableServiceLinks: boolean): Map<string, string> {
  const variables = new Map<string, string>()
  const isApi = (service: Service): boolean => service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes'
  const wanted = services.filter((service) => isApi(service) || (enableServiceLinks && service.metadata.namespace === namespace))
  // One of the pod's own namespace wins over the API's where they have the same name.
  for (const service of wanted.toSorted((a, b) => Number(isApi(b)) - Number(isApi(a)))) addService(variables, service)
  return variables
}

const word = (name: string): string => name.toUpperCase().replaceAll('-', '_')

function addService(variables: Map<string, string>, service: Service): void {
  const { clusterIP } = service.spec
  const ports = service.spec.ports ?? []
  if (!clusterIP || clusterIP === 'None' || ports.length === 0) return
  const prefix = word(service.metadata.name)
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP
  variables.set(`${prefix}_SERVICE_HOST`, clusterIP)
  variables.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port))
  for (const { name, port } of ports) if (name) variables.set(`${prefix}_SERVICE_PORT_${word(name)}`, String(port))
  for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
    const url = `${protocol.toLowerCase()}://${host}:${port}`
    if (index === 0) variables.set(`${prefix}_PORT`, url)
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
    variables.set(link, url)
    variables.set(`${link}_PROTO`, protocol.toLowerCase())
    variables.set(`${link}_PORT`, String(port))
    variables.set(`${link}_ADDR`, clusterIP)
  }
}
