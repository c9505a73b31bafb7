import { X509Certificate } from 'node:crypto'
import type { FieldError } from '../errors.ts'
import { invalid, invalidFor, oneOf, required } from '../kinds/validation/field.ts'
import { dnsLabel1035, dnsSubdomain, portNumber } from '../kinds/validation/names.ts'
import type { CustomResourceConversion, ServiceReference, WebhookClientConfig } from '../types/apiextensions-v1/custom-resource-definition.ts'

const path = 'spec.conversion'
const clientPath = `${path}.webhookClientConfig`
const versionsPath = `${path}.conversionReviewVersions`

/** `mayBeBroken`: a CA bundle is not looked into, since nobody relies on it yet or it was broken before. */
export function validateConversion({ strategy, webhook }: CustomResourceConversion, mayBeBroken: boolean): FieldError[] {
  const errors = oneOf(strategy, ['None', 'Webhook'], `${path}.strategy`)
  const versions = webhook?.conversionReviewVersions ?? []
  if (strategy === 'Webhook') {
    return [...errors, ...(webhook?.clientConfig ? client(webhook.clientConfig, mayBeBroken) : [required(clientPath, 'required when strategy is set to Webhook')]), ...reviewVersions(versions)]
  }
  const detail = 'should not be set when strategy is not set to Webhook'
  if (webhook?.clientConfig) errors.push({ type: 'Forbidden', field: clientPath, detail })
  if (versions.length > 0) errors.push({ type: 'Forbidden', field: versionsPath, detail })
  return errors
}

function client({ url, service, caBundle }: WebhookClientConfig, mayBeBroken: boolean): FieldError[] {
  const errors =
    (url === undefined) === (service === undefined) ? [required(clientPath, 'exactly one of url or service is required')] :
    url !== undefined ? webhookUrl(url) : webhookService(service!)
  return caBundle && !mayBeBroken ? [...errors, ...caBundleErrors(caBundle)] : errors
}

function webhookUrl(text: string): FieldError[] {
  const field = `${clientPath}.url`
  const form = '; desired format: https://host[/path]'
  if (!URL.canParse(text)) return [required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${form}`)]
  const { protocol, host, username, password, hash, search } = new URL(text)
  return [
    ...(protocol === 'https:' ? [] : [invalid(field, protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`)]),
    ...(host ? [] : [invalid(field, host, `host must be specified${form}`)]),
    ...(username || password ? [invalid(field, username, 'user information is not permitted in URL')] : []),
    ...(hash ? [invalid(field, hash.slice(1), 'fragments are not permitted in URL')] : []),
    ...(search ? [invalid(field, search.slice(1), 'query parameters are not permitted in URL')] : []),
  ]
}

function webhookService({ name, namespace, path: urlPath, port }: ServiceReference): FieldError[] {
  const field = `${clientPath}.service`
  return [
    ...(name ? [] : [required(`${field}.name`, 'service name is required')]),
    ...(namespace ? [] : [required(`${field}.namespace`, 'service namespace is required')]),
    ...portNumber(port ?? 443).map((why) => invalid(`${field}.port`, port, `port is not valid: ${why}`)),
    ...servicePath(urlPath ?? '', `${field}.path`),
  ]
}

function servicePath(text: string, field: string): FieldError[] {
  if (text === '' || text === '/') return []
  if (text === '//') return [invalid(field, text, 'segment[0] may not be empty')]
  const errors = text.startsWith('/') ? [] : [invalid(field, text, "must start with a '/'")]
  text.slice(1).replace(/\/$/, '').split('/').forEach((segment, i) => {
    const wrong = segment ? dnsSubdomain(segment).map((why) => `segment[${i}]: ${why}`) : [`segment[${i}] may not be empty`]
    errors.push(...invalidFor(field, text, wrong))
  })
  return errors
}

function reviewVersions(versions: readonly string[]): FieldError[] {
  if (versions.length === 0) return [required(versionsPath)]
  const errors: FieldError[] = []
  versions.forEach((version, i) => {
    const field = `${versionsPath}[${i}]`
    if (versions.indexOf(version) < i) errors.push(invalid(field, version, 'duplicate version'))
    else errors.push(...invalidFor(field, version, dnsLabel1035(version)))
  })
  if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.push(invalid(versionsPath, versions, 'must include at least one of v1, v1beta1'))
  return errors
}

const caBundleErrors = (bundle: string): FieldError[] =>
  (isCaBundle(bundle) ? [] : [invalid(`${clientPath}.caBundle`, bundle, 'unable to load root certificates: unable to parse bytes as PEM block')])

/** Whether base64 text holds at least one certificate in PEM; an empty bundle stands for the system's own. */
export function isCaBundle(bundle: string | undefined): boolean {
  if (!bundle) return true
  try {
    return new X509Certificate(Buffer.from(bundle, 'base64')).raw.length > 0
  } catch {
    return false
  }
}
