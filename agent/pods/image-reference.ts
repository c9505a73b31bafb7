/**
 * An image name in full: `nginx` → `docker.io/library/nginx:latest`. Undefined when the name breaks the rules of
 * distribution's reference grammar.
 */
export function normalizeImage(image: string): string | undefined {
  const match = /^(?<name>[^@]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$/.exec(image)
  if (!match?.groups) return undefined
  const { name, tag, digest } = match.groups as { name: string; tag?: string; digest?: string }
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase()
  const host = isHost ? first : 'docker.io'
  const rest = isHost ? name.slice(slash + 1) : name
  const path = host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest
  if (!/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)) return undefined
  if (!/^[a-zA-Z0-9](?:[\w.-]*[a-zA-Z0-9])?(?::[0-9]+)?$/.test(host)) return undefined
  return `${host}/${path}${tag ? `:${tag}` : digest ? '' : ':latest'}${digest ? `@${digest}` : ''}`
}
