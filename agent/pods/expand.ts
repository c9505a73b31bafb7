/**
 * Kubernetes' `$(NAME)` references in commands, arguments and environment values. `$$(NAME)` is the text `$(NAME)`;
 * an unknown name stays as it is written.
 */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const next = text[at + 1]
    if (text[at] !== '$' || next === undefined) out += text[at]
    else if (next === '$') { out += '$'; at++ }
    else if (next !== '(') out += '$'
    else {
      const end = text.indexOf(')', at + 2)
      if (end < 0) { out += '$('; at++; continue }
      const name = text.slice(at + 2, end)
      out += lookUp(name) ?? `$(${name})`
      at = end
    }
  }
  return out
}
