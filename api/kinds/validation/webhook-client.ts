import type { FieldError } from '../../errors.ts'
import { invalid, required } from './field.ts'
import { dnsSubdomain, portNumber } from './names.ts'

/** How a webhook is called, as the types of admission and of CustomResourceDefinitions have it. */
interface ClientConfig {
  readonly url?: string | undefined
  readonly service?: { readonly name: string; readonly namespace: string; readonly path?: string | undefined; readonly port?: number | undefined } | undefined
}

/** Exactly one of url and service, and that one good. */
export function validateWebhookClient({ url, service }: ClientConfig, field: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) return [required(field, 'exactly one of url or service is required')]
  return service ? validateService(service, `${field}.service`) : validateURL(url!, `${field}.url`)
}

const form = '; desired format: https://host[/path]'

function validateURL(text: string, field: string): FieldError[] {
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)
  if (!parts || /[\x00-\x1f\x7f]/.test(text)) return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: net/url: invalid control character in URL${form}`)]
  const [, scheme = '', user, host = '', query = '', fragment = ''] = parts
  return [
    ...(scheme === 'https' ? [] : [invalid(field, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host ? [] : [invalid(field, host, `host must be specified${form}`)]),
    ...(user === undefined ? [] : [invalid(field, user, 'user information is not permitted in the URL')]),
    ...(fragment ? [invalid(field, fragment, 'fragments are not permitted in the URL')] : []),
    ...(query ? [invalid(field, query, 'query parameters are not permitted in the URL')] : []),
  ]
}

function validateService({ name, namespace, path, port }: NonNullable<ClientConfig['service']>, field: string): FieldError[] {
  const wrongPort = portNumber(port)
  return [
    ...(name ? [] : [required(`${field}.name`, 'service name is required')]),
    ...(namespace ? [] : [required(`${field}.namespace`, 'service namespace is required')]),
    ...(wrongPort.length ? [invalid(`${field}.port`, port ?? 0, `port is not valid: ${wrongPort.join(', ')}`)] : []),
    ...validatePath(path ?? '', `${field}.path`),
  ]
}

function validatePath(path: string, field: string): FieldError[] {
  if (path === '' || path === '/') return []
  if (path === '//') return [invalid(field, path, 'segment[0] may not be empty')]
  const segments = path.slice(1).replace(/\/$/, '').split('/')
  return [
    ...(path.startsWith('/') ? [] : [invalid(field, path, "must start with a '/'")]),
    ...segments.flatMap((segment, i) => (segment
      ? dnsSubdomain(segment).map((wrong) => invalid(field, path, `segment[${i}]: ${wrong}`)) : [invalid(field, path, `segment[${i}] may not be empty`)])),
  ]
}

/** The name of a webhook: at least three labels. */
export function validateFullyQualifiedName(name: string, field: string): FieldError[] {
  if (!name) return [required(field)]
  const wrong = dnsSubdomain(name)
  if (wrong.length) return [invalid(field, name, wrong.join(','))]
  return name.split('.').length < 3 ? [invalid(field, name, 'should be a domain with at least three segments separated by dots')] : []
}
