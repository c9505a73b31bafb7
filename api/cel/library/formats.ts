import { asPrefix, dnsLabel, dnsLabel1035, dnsSubdomain, labelValueRule, qualifiedName } from '../../kinds/validation/names.ts'
import { scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { parseTimestamp } from '../time.ts'
import { Opaque, Optional } from '../values.ts'
import { parseUrl } from './urls.ts'

const when = (holds: (text: string) => boolean, message: string) => (text: string): string[] => (holds(text) ? [] : [message])

function isTime(text: string): boolean {
  try {
    parseTimestamp(text)
    return true
  } catch {
    return false
  }
}

const formats: ReadonlyMap<string, (text: string) => string[]> = new Map(Object.entries({
  dns1123Label: dnsLabel, dns1123Subdomain: dnsSubdomain, dns1035Label: dnsLabel1035, qualifiedName,
  dns1123LabelPrefix: asPrefix(dnsLabel), dns1123SubdomainPrefix: asPrefix(dnsSubdomain), dns1035LabelPrefix: asPrefix(dnsLabel1035), labelValue: labelValueRule,
  uri: (text: string) => {
    const url = parseUrl(text)
    return 'why' in url ? [url.why] : []
  },
  uuid: when((text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text), 'does not match the UUID format'),
  byte: when((text) => text !== '' && /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text), 'invalid base64'),
  date: when((text) => /^\d{4}-\d\d-\d\d$/.test(text) && isTime(`${text}T00:00:00Z`), 'invalid date'),
  datetime: when(isTime, 'invalid datetime'),
}))

const value = (name: string): Opaque<string> => new Opaque('kubernetes.NamedFormat', name)

/** Kubernetes' format library: `!format.dns1123Label().validate(self.name).hasValue()`. */
export const namedFormats: Library = {
  ...Object.fromEntries([...formats.keys()].map((name): [string, Library[string]] => [`format.${name}(): format`, () => value(name)])),
  'format.named(string): optional<format>': ([name]) => (formats.has(name) ? Optional.of(value(name)) : Optional.none),
  'format::validate(string): optional<list<string>>': scanning(([format, text]) => {
    const found = formats.get(format.value)!(text)
    return found.length > 0 ? Optional.of(found) : Optional.none
  }),
}

/** For JSON patches: `jsonpatch.escapeKey('example.com/a')`. */
export const jsonPatches: Library = {
  'jsonpatch.escapeKey(string): string': scanning(([key]) => key.replace(/[/~]/g, (found: string) => (found === '/' ? '~1' : '~0'))),
}
