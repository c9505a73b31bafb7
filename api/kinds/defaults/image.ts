const name = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const reference = new RegExp(String.raw`^(?:[A-Za-z0-9.-]+\/)?${name}(?:\/${name})*(?::(?<tag>\w[\w.-]{0,127}))?(?<digest>@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?$`)

/** `Always` for `latest` or no tag at all, `IfNotPresent` for a tag, a digest, or what is no image reference. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  const groups = reference.exec(withoutPort(image ?? ''))?.groups
  if (!groups || (groups.tag === undefined && groups.digest !== undefined)) return 'IfNotPresent'
  return groups.tag === undefined || groups.tag === 'latest' ? 'Always' : 'IfNotPresent'
}

/** A registry's port would pass for a tag. */
const withoutPort = (image: string): string => image.replace(/^([^/@]+):\d+\//, '$1/')
