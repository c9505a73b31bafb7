import type { FieldError } from '../../errors.ts'
import type { WindowsSecurityContextOptions } from '../../types/core-v1/security.ts'
import { invalid, invalidFor } from './field.ts'
import { dnsSubdomain } from './names.ts'

const mostSpec = 64 * 1024
const longestDomain = 256
const longestUser = 104

/** `windowsOptions` of a pod or a container. */
export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, field: string): FieldError[] {
  if (!options) return []
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options
  return [
    ...(name === undefined ? [] : invalidFor(`${field}.gmsaCredentialSpecName`, name, dnsSubdomain(name))),
    ...(spec === '' ? [invalid(`${field}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string')] : []),
    ...(spec !== undefined && Buffer.byteLength(spec) > mostSpec ? [invalid(`${field}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec size must be under 64 KiB')] : []),
    ...(user === undefined ? [] : userName(user).map((sentence) => invalid(`${field}.runAsUserName`, user, sentence))),
  ]
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const domainName = new RegExp(`^${label}(?:\\.${label})*$`)

/** `user` or `DOMAIN\user`. */
function userName(value: string): string[] {
  if (value === '') return ['runAsUserName cannot be an empty string']
  if (/[\u0000-\u001f\u007f]/.test(value)) return ['runAsUserName cannot contain control characters']
  const parts = value.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1)!, domain = parts.length === 2 ? parts[0]! : undefined
  return [
    ...(domain !== undefined && domain.length >= longestDomain ? [`runAsUserName's Domain length must be under ${longestDomain} characters`] : []),
    ...(domain !== undefined && !netBiosName.test(domain) && !domainName.test(domain) ? ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"] : []),
    ...(user === '' ? ["runAsUserName's User cannot be empty"] : []),
    ...(user.length > longestUser ? [`runAsUserName's User length must not be longer than ${longestUser} characters`] : []),
    ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
    ...(/["/\\:;|=,+*?<>@[\]]/.test(user) ? ['runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]'] : []),
  ]
}
